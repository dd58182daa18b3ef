# Functions of one folder do the same work, on the same account. None has a key.
resource "google_service_account" "function" {
  for_each = local.folders

  project      = var.project_id
  account_id   = "tapedeck-${each.key}"
  display_name = "Tapedeck: runs ${each.key}"
  depends_on   = [time_sleep.apis]
}

# Who brings a function its events; may call this function, and nothing else.
resource "google_service_account" "trigger" {
  for_each = local.event_functions

  project      = var.project_id
  account_id   = "tapedeck-${each.key}-trigger"
  display_name = "Tapedeck: calls ${each.key}"
  depends_on   = [time_sleep.apis]
}

resource "google_service_account" "builder" {
  project      = var.project_id
  account_id   = "tapedeck-builder"
  display_name = "Tapedeck: builds the functions"
  depends_on   = [time_sleep.apis]
}
