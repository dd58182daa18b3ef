# Everything about a function comes from its row in lib/functions.ts.

locals {
  # By the variable that holds the bucket's name.
  trigger_buckets = { SOURCE_BUCKET = google_storage_bucket.source, TARGET_BUCKET = google_storage_bucket.target }
}

resource "google_cloudfunctions2_function" "all" {
  for_each = local.functions

  project  = var.project_id
  location = var.region
  name     = each.key

  build_config {
    runtime           = "nodejs24"
    entry_point       = each.key
    service_account   = google_service_account.builder.name
    docker_repository = google_artifact_registry_repository.functions.id
    source {
      storage_source {
        bucket = google_storage_bucket.functions.name
        object = google_storage_bucket_object.source[each.value.folder].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.value.folder].email
    timeout_seconds                  = each.value.timeoutSeconds
    available_memory                 = "${each.value.memoryMiB}Mi"
    available_cpu                    = tostring(each.value.cpu)
    max_instance_request_concurrency = each.value.concurrency
    max_instance_count               = try(each.value.maxInstances, var.max_instances)
    # HTTP functions check tokens themselves; the others are for events only.
    ingress_settings      = each.value.trigger.kind == "http" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    environment_variables = local.environments[each.key]

    dynamic "secret_environment_variables" {
      for_each = local.secret_environments[each.key]
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = google_secret_manager_secret.all[secret_environment_variables.key].secret_id
        version    = google_secret_manager_secret_version.all[secret_environment_variables.key].version
      }
    }
  }

  dynamic "event_trigger" {
    for_each = each.value.trigger.kind == "topic" ? [each.value.trigger.topic] : []
    content {
      event_type            = "google.cloud.pubsub.topic.v1.messagePublished"
      pubsub_topic          = google_pubsub_topic.all[event_trigger.value].id
      trigger_region        = var.region
      service_account_email = google_service_account.trigger[each.key].email
      retry_policy          = "RETRY_POLICY_RETRY"
    }
  }

  dynamic "event_trigger" {
    for_each = each.value.trigger.kind == "finalize" ? [local.trigger_buckets[each.value.trigger.bucket]] : []
    content {
      event_type            = "google.cloud.storage.object.v1.finalized"
      trigger_region        = lower(event_trigger.value.location)
      service_account_email = google_service_account.trigger[each.key].email
      retry_policy          = "RETRY_POLICY_RETRY"
      event_filters {
        attribute = "bucket"
        value     = event_trigger.value.name
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.unknown_rights[each.key]) == 0
      error_message = "The function ${each.key} has a right without a role: ${join(", ", local.unknown_rights[each.key])}. Say in rights.tf what it means."
    }
    precondition {
      condition     = length(local.unknown_variables[each.key]) == 0
      error_message = "The function ${each.key} reads a variable that nobody sets: ${join(", ", local.unknown_variables[each.key])}. Set it in settings.tf, or add it to unset_variables there if its default will do."
    }
    precondition {
      condition     = length(local.forbidden_secrets[each.key]) == 0
      error_message = "The function ${each.key} reads a secret to which none of its rights entitles it: ${join(", ", local.forbidden_secrets[each.key])}. Give it the right in lib/functions.ts, and say in rights.tf which secrets go with that."
    }
    precondition {
      condition     = contains(["http", "topic", "finalize"], each.value.trigger.kind)
      error_message = "The function ${each.key} has a trigger that functions.tf does not know: ${each.value.trigger.kind}."
    }
  }

  # New code may ask for what only a new index answers.
  depends_on = [google_firestore_index.all, time_sleep.permissions]
}

# Who may call a function, and nobody else: anyone, or the account that brings its events.
resource "google_cloud_run_v2_service_iam_binding" "callers" {
  for_each = local.functions

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.all[each.key].name
  role     = "roles/run.invoker"
  members  = [each.value.trigger.kind == "http" ? "allUsers" : "serviceAccount:${google_service_account.trigger[each.key].email}"]

  # A function that is made anew has nobody who may call it.
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.all[each.key].id]
  }
}
