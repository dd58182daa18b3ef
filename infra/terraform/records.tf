# Where `terraform destroy` has left the database standing (keep_data), the next apply takes it up again after
#   terraform import google_firestore_database.records projects/PROJECT/databases/NAME

resource "google_firestore_database" "records" {
  project                 = var.project_id
  name                    = var.database
  location_id             = var.region
  type                    = "FIRESTORE_NATIVE"
  delete_protection_state = var.keep_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = var.keep_data ? "ABANDON" : "DELETE"

  depends_on = [time_sleep.apis]
}

resource "google_firestore_index" "all" {
  for_each = local.indexes

  project    = var.project_id
  database   = google_firestore_database.records.name
  collection = each.value.collection

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value[0]
      order      = { asc = "ASCENDING", desc = "DESCENDING" }[fields.value[1]]
    }
  }
}

resource "google_firestore_field" "time_to_live" {
  for_each = local.deployment.timesToLive

  project    = var.project_id
  database   = google_firestore_database.records.name
  collection = each.key
  field      = each.value

  ttl_config {}
}
