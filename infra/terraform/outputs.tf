output "page_url" {
  description = "The page."
  value       = local.settings.PAGE_URL
}

output "api_url" {
  description = "Where the API is; `npm run convert -- --server` takes it."
  value       = local.api_url
}

output "admin_email" {
  description = "Who signs in first."
  value       = var.admin_email
}

output "admin_password_secret" {
  description = "The secret that holds the first account's password: gcloud secrets versions access latest --project PROJECT --secret \"$(terraform output -raw admin_password_secret)\""
  value       = google_secret_manager_secret.all["ADMIN_PASSWORD"].secret_id
}
