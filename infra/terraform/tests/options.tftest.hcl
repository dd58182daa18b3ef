mock_provider "google" {
  source = "./tests/mocks"
}
mock_provider "google" {
  alias = "billing"
}
mock_provider "time" {}

variables {
  project_id = "some-project"
  region     = "europe-west3"
  # Left out, an ephemeral variable is in the way of tests that apply.
  smtp_url = ""
}

run "without_any" {
  command = plan

  # Nobody is told unless asked.
  assert {
    condition = (
      length(google_logging_metric.all) + length(google_monitoring_alert_policy.logs) +
      length(google_monitoring_alert_policy.silence) + length(google_monitoring_notification_channel.mail) +
      length(google_billing_budget.month) == 0
    )
    error_message = "There are alerts or a budget without alert_email and billing_account."
  }

  # Destroy leaves nothing.
  assert {
    condition = alltrue([for bucket in [google_storage_bucket.source, google_storage_bucket.target] :
      bucket.deletion_policy == "DELETE" && bucket.force_destroy
    ])
    error_message = "A bucket would stay."
  }
  assert {
    condition     = google_storage_bucket.page.force_destroy && google_storage_bucket.functions.force_destroy
    error_message = "The bucket of the page or of the sources would stay."
  }
  assert {
    condition = (
      google_firestore_database.records.deletion_policy == "DELETE" &&
      google_firestore_database.records.delete_protection_state == "DELETE_PROTECTION_DISABLED"
    )
    error_message = "The database would stay."
  }
  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.all : secret.deletion_policy == "DELETE"])
    error_message = "A secret would stay."
  }

  # Nothing is limited unless asked.
  assert {
    condition = alltrue([for name in ["QUOTA_STORED_BYTES", "QUOTA_JOBS", "QUOTA_FILE_BYTES"] :
      local.environments["upload"][name] == ""
    ])
    error_message = "There is a quota without quotas."
  }

  # Tiers are as the code has them unless asked.
  assert {
    condition = alltrue([for name in ["TIER_POLICY", "TIER_HALF_LIFE_DAYS", "TIER_GRACE_DAYS"] :
      local.environments["tier"][name] == ""
    ])
    error_message = "Files are moved in another way than by default without tiers."
  }

  # Mail is not sent unless asked.
  assert {
    condition     = !contains(keys(google_secret_manager_secret.all), "SMTP_URL") && local.environments["notify"].MAIL_FROM == ""
    error_message = "There is a secret for a mail server, or a sender, without mail_from."
  }
}

run "with_what_can_be_asked_for" {
  command = apply

  variables {
    billing_account = "01AB23-CD45EF-67890A"
    budget_amount   = 50
    alert_email     = "ops@example.com"
    quotas          = { stored_bytes = 100000000000, jobs = 20 }
    tiers           = { policy = "count", half_life_days = 0, grace_days = 1.5 }
    mail_from       = "Tapes <tapes@example.com>"
    smtp_url        = "smtps://name:password@mail.example.com:465"
  }

  # Failed and stuck jobs are told.
  assert {
    condition     = google_monitoring_notification_channel.mail[0].labels.email_address == "ops@example.com"
    error_message = "The mails go elsewhere."
  }
  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.logs), values(google_monitoring_alert_policy.silence)) :
      policy.notification_channels == tolist([google_monitoring_notification_channel.mail[0].id])
    ])
    error_message = "An alert tells nobody."
  }
  assert {
    condition = alltrue([for alert, policy in google_monitoring_alert_policy.logs : strcontains(
      policy.conditions[0].condition_threshold[0].filter,
      "logging.googleapis.com/user/tapedeck/${local.log_alerts[alert].metric}\"",
    )])
    error_message = "An alert looks at another metric than its own."
  }
  assert {
    condition     = toset([for alert in local.log_alerts : alert.metric]) == toset(keys(google_logging_metric.all))
    error_message = "Something is counted that no alert looks at, or the other way round."
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.silence)) == toset(keys(local.schedules)) && length(local.schedules) > 0
    error_message = "Nobody would hear that sweep does not run."
  }

  # Money is watched.
  assert {
    condition = (
      google_billing_budget.month[0].billing_account == "01AB23-CD45EF-67890A" &&
      google_billing_budget.month[0].amount[0].specified_amount[0].units == "50"
    )
    error_message = "The budget is another one."
  }
  assert {
    condition     = google_billing_budget.month[0].budget_filter[0].projects == toset(["projects/${data.google_project.this.number}"])
    error_message = "The budget counts other projects, too."
  }
  assert {
    condition = google_billing_budget.month[0].all_updates_rule[0].monitoring_notification_channels == tolist([
      google_monitoring_notification_channel.mail[0].id
    ])
    error_message = "alert_email is not told of the money."
  }
  assert {
    condition     = contains(keys(google_project_service.all), "billingbudgets.googleapis.com")
    error_message = "The API that budgets need is not enabled."
  }

  # Quotas are for all who look at them.
  assert {
    condition = alltrue([for function in ["auth", "upload", "status"] : (
      local.environments[function].QUOTA_STORED_BYTES == "100000000000" &&
      local.environments[function].QUOTA_JOBS == "20" &&
      local.environments[function].QUOTA_FILE_BYTES == ""
    )])
    error_message = "A function knows other quotas than were asked for."
  }

  # Tiers are for all who look at them.
  assert {
    condition = alltrue([for function in ["tier", "levels"] : (
      local.environments[function].TIER_POLICY == "count" &&
      local.environments[function].TIER_HALF_LIFE_DAYS == "0" &&
      local.environments[function].TIER_GRACE_DAYS == "1.5"
    )])
    error_message = "tier or levels goes by something else than was asked for."
  }
  # Whoever completes a job says when its files are looked at first.
  assert {
    condition     = alltrue([for function in ["transcode", "work"] : local.environments[function].TIER_GRACE_DAYS == "1.5"])
    error_message = "New files are left alone for another time than was asked for."
  }

  # Mail is sent.
  assert {
    condition = (
      local.environments["notify"].MAIL_FROM == "Tapes <tapes@example.com>" &&
      [for secret in google_cloudfunctions2_function.all["notify"].service_config[0].secret_environment_variables : secret.key] == ["SMTP_URL"]
    )
    error_message = "notify does not get the sender and the mail server."
  }
  assert {
    condition = [for key, member in google_secret_manager_secret_iam_member.function : key if endswith(key, ": SMTP_URL")] == [
      "notify: SMTP_URL"
    ]
    error_message = "Not notify alone may read the mail server's password."
  }
  assert {
    condition     = google_secret_manager_secret_version.all["SMTP_URL"].secret_data == null
    error_message = "The state holds the mail server's password."
  }
}

run "with_some" {
  command = plan

  variables {
    keep_data = true
    tiers     = { half_life_days = 90 }
  }

  # Keep data leaves the data.
  assert {
    condition = alltrue([for bucket in [google_storage_bucket.source, google_storage_bucket.target] :
      bucket.deletion_policy == "ABANDON" && !bucket.force_destroy
    ])
    error_message = "The users' files would be deleted."
  }
  assert {
    condition = (
      google_firestore_database.records.deletion_policy == "ABANDON" &&
      google_firestore_database.records.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    )
    error_message = "The database would be deleted."
  }
  assert {
    condition = alltrue([
      for resource in [google_secret_manager_secret.all, google_secret_manager_secret_version.all] :
      resource["ADMIN_PASSWORD"].deletion_policy == "ABANDON" && resource["SIGNING_KEY"].deletion_policy == "DELETE"
    ])
    error_message = "The password of the kept account would be deleted, or the key that signs tokens be in the way of the next one."
  }
  assert {
    condition     = google_storage_bucket.page.force_destroy && google_storage_bucket.functions.force_destroy
    error_message = "What can be made again would stay, too."
  }

  # What of tiers is left out is as the code has it.
  assert {
    condition = (
      local.environments["tier"].TIER_POLICY == "" &&
      local.environments["tier"].TIER_HALF_LIFE_DAYS == "90" &&
      local.environments["tier"].TIER_GRACE_DAYS == ""
    )
    error_message = "More than what was asked for is set."
  }
}
