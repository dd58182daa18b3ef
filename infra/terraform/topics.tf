resource "google_pubsub_topic" "all" {
  for_each = toset(local.deployment.topics)

  project    = var.project_id
  name       = each.key
  depends_on = [time_sleep.apis]
}

resource "google_cloud_scheduler_job" "all" {
  for_each = local.schedules

  project     = var.project_id
  region      = var.region
  name        = "tapedeck-${each.key}"
  description = "Wakes ${each.key}"
  schedule    = "*/${each.value.everyMinutes} * * * *"

  # A message without data would not become an event.
  pubsub_target {
    topic_name = google_pubsub_topic.all[each.value.topic].id
    data       = base64encode("{}")
  }
}
