# How the functions' sources become images: from a bucket of ours, by an account and into a repository of ours. The account
# that builds by default has no rights in new projects, or far too many in old ones.

resource "google_storage_bucket" "functions" {
  project                     = var.project_id
  name                        = local.bucket_names.functions
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [time_sleep.apis]
}

# Named by their content: a function is built again exactly when its source has changed.
resource "google_storage_bucket_object" "source" {
  for_each = local.folders

  bucket = google_storage_bucket.functions.name
  name   = "${each.key}-${filesha256("${var.build_dir}/functions/${each.key}.zip")}.zip"
  source = "${var.build_dir}/functions/${each.key}.zip"
}

resource "google_artifact_registry_repository" "functions" {
  project       = var.project_id
  location      = var.region
  repository_id = "tapedeck"
  format        = "DOCKER"

  # What runs keeps a copy of its image; these are for going back.
  cleanup_policies {
    id     = "keep-the-last"
    action = "KEEP"
    most_recent_versions {
      keep_count = 2
    }
  }
  cleanup_policies {
    id     = "delete-the-older"
    action = "DELETE"
    condition {
      older_than = "604800s"
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_project_iam_member" "builder_log" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.builder.email}"
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.functions.name
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.builder.email}"
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.functions.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${google_service_account.builder.email}"
}

# The build reads a copy of the source, in a bucket that Google makes at the first build (and that stays after a destroy).
resource "google_project_iam_member" "builder_sources" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.builder.email}"

  condition {
    title      = "only copies of sources"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}
