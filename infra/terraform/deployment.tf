# What the code says of itself, and the names of what it needs. No resources here, in settings.tf and in rights.tf: what they
# hold can be computed, and is checked against the code, without any provider.

locals {
  deployment = jsondecode(file("${var.build_dir}/deployment.json"))
  functions  = local.deployment.functions

  # Functions of one folder are one archive and share one account.
  folders         = toset([for row in local.functions : row.folder])
  event_functions = { for name, row in local.functions : name => row if row.trigger.kind != "http" }
  schedules       = { for name, row in local.event_functions : name => row.trigger if can(row.trigger.everyMinutes) }

  bucket_names = {
    for purpose in ["source", "target", "page", "functions"] :
    purpose => coalesce(var.bucket_names[purpose], "${var.project_id}-tapedeck-${purpose}")
  }

  # There is a mail server exactly where there is a sender. What is secret cannot say so: it must not decide what is made.
  has_mail = var.mail_from != null
  secrets  = [for name in local.deployment.secretVariables : name if name != "SMTP_URL" || local.has_mail]

  indexes = {
    for index in local.deployment.indexes :
    "${index.collection}: ${join(", ", [for field in index.fields : join(" ", field)])}" => index
  }

  # A page at storage.googleapis.com/BUCKET would share its origin with everybody's buckets.
  page_origin = "https://${local.bucket_names.page}.storage.googleapis.com"
  origins     = distinct(concat([local.page_origin], var.allowed_origins))
  api_url     = "https://${var.region}-${var.project_id}.cloudfunctions.net"

  # Cloud Storage has one list for the headers that a page may read and those that it may send.
  cors_headers = distinct(concat(local.deployment.exposedHeaders, ["Content-Type", "If-Range"]))
}
