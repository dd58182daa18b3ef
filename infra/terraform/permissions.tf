# What the functions' accounts may do, as rights.tf has it, each on its one bucket, topic, secret or database.

# Without list, Cloud Storage answers 403 instead of 404 for what is not there.
# The id of a deleted role cannot be used again for weeks: the next one has another.
resource "random_id" "role" {
  byte_length = 4
}

resource "google_project_iam_custom_role" "object_remover" {
  project     = var.project_id
  role_id     = "tapedeckObjectRemover_${random_id.role.hex}"
  title       = "Tapedeck: object remover"
  description = "Finds objects and deletes them; cannot create or change any."
  permissions = ["storage.objects.delete", "storage.objects.get", "storage.objects.list"]
  depends_on  = [time_sleep.apis]
}

locals {
  custom_roles = { "object remover" = google_project_iam_custom_role.object_remover.id }
  buckets      = { source = google_storage_bucket.source, target = google_storage_bucket.target }
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = local.bucket_grants

  bucket = local.buckets[each.value.bucket].name
  role   = lookup(local.custom_roles, each.value.role, each.value.role)
  member = "serviceAccount:${google_service_account.function[each.value.folder].email}"

  dynamic "condition" {
    for_each = each.value.below == "" ? [] : [each.value.below]
    content {
      title      = "only one folder"
      expression = "resource.name.startsWith(\"projects/_/buckets/${local.bucket_names[each.value.bucket]}/objects/${condition.value}\")"
    }
  }
}

resource "google_pubsub_topic_iam_member" "function" {
  for_each = local.topic_grants

  project = var.project_id
  topic   = google_pubsub_topic.all[each.value.topic].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${google_service_account.function[each.value.folder].email}"
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = local.secret_grants

  secret_id = google_secret_manager_secret.all[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.function[each.value.folder].email}"
}

# Databases have no policy of their own: the project's, with a condition, is as close as it gets.
resource "google_project_iam_member" "records" {
  for_each = local.record_grants

  project = var.project_id
  role    = "roles/datastore.user"
  member  = "serviceAccount:${google_service_account.function[each.key].email}"

  condition {
    title      = "only the database of Tapedeck"
    expression = "resource.name == \"projects/${var.project_id}/databases/${var.database}\""
  }

  depends_on = [google_firestore_database.records]
}

# Signed URLs without a key file: the account asks IAM to sign in its own name.
resource "google_service_account_iam_member" "signer" {
  for_each = local.signer_grants

  service_account_id = google_service_account.function[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:${google_service_account.function[each.key].email}"
}

# Topics bring their messages without it.
resource "google_project_iam_member" "event_receiver" {
  for_each = { for name, row in local.event_functions : name => row if row.trigger.kind == "finalize" }

  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = "serviceAccount:${google_service_account.trigger[each.key].email}"
}
