# Mails about jobs that need somebody to look at them. Only with alert_email.

locals {
  # Lines of the functions' log that are counted: those that contain this.
  counted_logs = {
    failed  = { message = "A job has failed", label = "code" }
    stuck   = { message = "A job could not be mended; the next sweep tries again", label = null }
    waiting = { message = "An attempt waits until the deployment is mended", label = null }
    failing = { message = "has failed, and gets the event again", label = null }
    dropped = { message = "drops an event that it cannot read", label = null }
  }

  # Nothing logged is nothing measured, which by default would leave an incident open for a week, and every further one unsaid.
  auto_close = "1800s"

  # Failures that are not the file's fault.
  our_codes = ["GAVE_UP", "SOURCE_GONE", "TOO_LONG"]

  log_alerts = {
    "A job failed through no fault of its video" = {
      metric  = "failed", where = " AND metric.labels.code = one_of(${join(", ", formatlist("\"%s\"", local.our_codes))})"
      minutes = 5, times = 1, for_minutes = 0
      help    = "The job says more: its error's code and message are in the API and on the page, the log has the job's id. Once the cause is gone, retry the job."
    }
    "Many jobs fail" = {
      metric  = "failed", where = ""
      minutes = 60, times = 20, for_minutes = 0
      help    = "Twenty jobs have failed within an hour. Look at their codes: so many bad files may be the converter's fault, or somebody is trying things."
    }
    "Jobs are stuck" = {
      metric  = "stuck", where = ""
      minutes = 10, times = 1, for_minutes = 20
      help    = "Sweep has found jobs that it cannot mend, again and again. The log of the function sweep says why."
    }
    "The deployment is wrong" = {
      metric  = "waiting", where = ""
      minutes = 5, times = 1, for_minutes = 0
      help    = "A bucket, a right, an API or the like is missing; the log of transcode and work says which, and what to do. Jobs wait for it."
    }
    "Functions fail" = {
      metric  = "failing", where = ""
      minutes = 10, times = 10, for_minutes = 0
      help    = "Functions have failed ten times within ten minutes. Their log says why. Events come again for a day; after that, sweep goes on with what the records hold."
    }
    "Events are dropped" = {
      metric  = "dropped", where = ""
      minutes = 5, times = 1, for_minutes = 0
      help    = "A function got an event that it cannot read. The log says which; the job that it was about is mended by sweep."
    }
  }
}

resource "google_monitoring_notification_channel" "mail" {
  count = var.alert_email == null ? 0 : 1

  project      = var.project_id
  display_name = "Tapedeck"
  type         = "email"
  labels       = { email_address = var.alert_email }
  depends_on   = [time_sleep.apis]
}

resource "google_logging_metric" "all" {
  for_each = var.alert_email == null ? {} : local.counted_logs

  project = var.project_id
  name    = "tapedeck/${each.key}"
  filter  = "resource.type=\"cloud_run_revision\" AND jsonPayload.message:\"${each.value.message}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    dynamic "labels" {
      for_each = each.value.label[*]
      content {
        key = labels.value
      }
    }
  }
  label_extractors = { for label in each.value.label[*] : label => "EXTRACT(jsonPayload.${label})" }

  depends_on = [time_sleep.apis]
}

# "If a metric was created recently, it could take up to 10 minutes to become available": an alert on it is refused before.
resource "time_sleep" "metrics" {
  count = var.alert_email == null ? 0 : 1

  create_duration = "600s"
  triggers        = { metrics = join(" ", sort(keys(local.counted_logs))) }
  depends_on      = [google_logging_metric.all]
}

resource "google_monitoring_alert_policy" "logs" {
  for_each = var.alert_email == null ? {} : local.log_alerts

  project               = var.project_id
  display_name          = "Tapedeck: ${each.key}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.mail[0].id]

  conditions {
    display_name = each.key
    condition_threshold {
      filter          = "resource.type = \"cloud_run_revision\" AND metric.type = \"logging.googleapis.com/user/${google_logging_metric.all[each.value.metric].name}\"${each.value.where}"
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.times - 1
      duration        = "${each.value.for_minutes * 60}s"
      aggregations {
        alignment_period     = "${each.value.minutes * 60}s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = local.auto_close
  }

  documentation {
    content   = each.value.help
    mime_type = "text/markdown"
  }

  depends_on = [time_sleep.metrics]
}

# What is woken by the clock mends everything else, and nobody would miss it.
resource "google_monitoring_alert_policy" "silence" {
  for_each = var.alert_email == null ? {} : local.schedules

  project               = var.project_id
  display_name          = "Tapedeck: ${each.key} does not run"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.mail[0].id]

  conditions {
    display_name = "${each.key} has not succeeded for ${6 * each.value.everyMinutes} minutes"
    condition_absent {
      filter   = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${google_cloudfunctions2_function.all[each.key].name}\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"2xx\""
      duration = "${6 * each.value.everyMinutes * 60}s"
      aggregations {
        alignment_period     = "${each.value.everyMinutes * 60}s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = local.auto_close
  }

  documentation {
    content   = "It is woken every ${each.value.everyMinutes} minutes. Look at its log, and whether Cloud Scheduler's job tapedeck-${each.key} runs."
    mime_type = "text/markdown"
  }
}
