# Google's own accounts in the project, which bring events from Cloud Storage to the functions.

# Asking for Cloud Storage's agent makes it.
data "google_storage_project_service_account" "agent" {
  project    = var.project_id
  depends_on = [time_sleep.first_apis]
}

# Cloud Storage publishes its events to a topic that Eventarc makes and names.
resource "google_project_iam_member" "storage_events" {
  project = var.project_id
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.agent.member

  depends_on = [time_sleep.apis]
}

# Eventarc makes its agent for the first resource of its own in a project, and a function's trigger fails if it is that one.
# So here is another, which costs nothing and carries no events. Channels exist in few regions; the agent is the project's.
resource "google_eventarc_channel" "first" {
  project    = var.project_id
  name       = "tapedeck"
  location   = lookup({ europe = "europe-west4", asia = "asia-northeast1" }, split("-", var.region)[0], "us-central1")
  depends_on = [time_sleep.apis]
}

# Permissions take a minute or two to be known everywhere. A function whose account may not do its work yet fails to start,
# and a trigger whose account may not receive events cannot be made.
resource "time_sleep" "permissions" {
  create_duration = "120s"
  triggers = {
    grants = sha1(jsonencode([
      keys(local.bucket_grants), keys(local.topic_grants), keys(local.secret_grants), local.record_grants, local.signer_grants,
      keys(local.event_functions),
    ]))
  }
  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_eventarc_channel.first,
    google_project_iam_member.builder_log,
    google_project_iam_member.builder_sources,
    google_project_iam_member.event_receiver,
    google_project_iam_member.records,
    google_project_iam_member.storage_events,
    google_pubsub_topic_iam_member.function,
    google_secret_manager_secret_iam_member.function,
    google_service_account_iam_member.signer,
    google_storage_bucket_iam_member.builder,
    google_storage_bucket_iam_member.function,
  ]
}
