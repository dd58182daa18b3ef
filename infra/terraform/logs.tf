# A stream's address holds its token, with which whoever reads it may watch for five minutes. Cloud Run writes the address of every
# request down: these stay out of the log.
resource "google_logging_project_exclusion" "stream_tokens" {
  project     = var.project_id
  name        = "tapedeck-stream-tokens"
  description = "Requests whose address holds a token."
  filter      = "resource.type=\"cloud_run_revision\" AND log_id(\"run.googleapis.com/requests\") AND httpRequest.requestUrl=~\"[?&]token=\""
  depends_on  = [time_sleep.apis]
}
