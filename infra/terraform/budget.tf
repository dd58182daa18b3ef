# Tells when the money is spent; it stops nothing. Only with billing_account.
resource "google_billing_budget" "month" {
  count    = var.billing_account == null ? 0 : 1
  provider = google.billing

  billing_account = var.billing_account
  display_name    = "Tapedeck (${var.project_id})"

  budget_filter {
    projects        = ["projects/${data.google_project.this.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      units = tostring(var.budget_amount)
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 1
  }
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  # Beside those who administer the billing account.
  dynamic "all_updates_rule" {
    for_each = google_monitoring_notification_channel.mail
    content {
      monitoring_notification_channels = [all_updates_rule.value.id]
    }
  }

  depends_on = [time_sleep.apis]
}
