# The page: the only bucket that everybody may read.

resource "google_storage_bucket" "page" {
  project                     = var.project_id
  name                        = local.bucket_names.page
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "inherited"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [time_sleep.apis]
}

# Objects can be read, not listed: the role objectViewer would allow both.
resource "google_storage_bucket_iam_member" "page_readers" {
  bucket = google_storage_bucket.page.name
  role   = "roles/storage.legacyObjectReader"
  member = "allUsers"
}

locals {
  page_dir  = "${var.build_dir}/page"
  html_file = "${local.page_dir}/index.html"

  content_types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    js   = "text/javascript; charset=utf-8"
    json = "application/json"
    svg  = "image/svg+xml"
  }

  # The built page may talk to its own origin, play and download from it only; here are the two others that it needs.
  policy          = "/(connect|media|frame)-src 'self'/"
  deployed_policy = "$1-src 'self' ${local.api_url} https://storage.googleapis.com"

  page_files = merge(
    { for name in fileset(local.page_dir, "**") : name => file("${local.page_dir}/${name}") },
    {
      "index.html"  = replace(file(local.html_file), local.policy, local.deployed_policy)
      "config.json" = jsonencode({ apiUrl = local.api_url })
    },
  )
}

resource "google_storage_bucket_object" "page" {
  for_each = local.page_files

  bucket       = google_storage_bucket.page.name
  name         = each.key
  content      = each.value
  content_type = local.content_types[element(split(".", each.key), -1)]
  # Browsers ask each time whether a file has changed: names stay the same from one version to the next.
  cache_control = "no-cache"

  lifecycle {
    precondition {
      condition     = replace(file(local.html_file), local.policy, "") != file(local.html_file)
      error_message = "${local.html_file} has no policy with connect-src 'self': nothing would tell browsers whom the page may talk to. Run `npm run build` again."
    }
  }
}
