# They stay enabled after a destroy: something else in the project may need them by then.

# Data sources are read at plan time unless something that they depend on changes; then everything that uses them would have
# to be replaced. So they depend on these alone, of which there will be no others.
resource "google_project_service" "first" {
  for_each = toset(["cloudresourcemanager.googleapis.com", "storage.googleapis.com"])

  project            = var.project_id
  service            = each.key
  disable_on_destroy = false
}

resource "google_project_service" "all" {
  for_each = toset([
    for name in concat(
      [
        "artifactregistry", "cloudbuild", "cloudfunctions", "cloudscheduler", "eventarc", "eventarcpublishing", "firestore",
        "iam", "iamcredentials", "logging", "monitoring", "pubsub", "run", "secretmanager",
      ],
      var.billing_account == null ? [] : ["billingbudgets"],
    ) : "${name}.googleapis.com"
  ])

  project            = var.project_id
  service            = each.key
  disable_on_destroy = false
}

# An API answers a while after it was enabled.
resource "time_sleep" "first_apis" {
  create_duration = "60s"
  depends_on      = [google_project_service.first]
}

resource "time_sleep" "apis" {
  create_duration = "60s"
  triggers        = { apis = join(" ", sort(keys(google_project_service.all))) }
  depends_on      = [google_project_service.all, time_sleep.first_apis]
}

data "google_project" "this" {
  project_id = var.project_id
  depends_on = [time_sleep.first_apis]
}
