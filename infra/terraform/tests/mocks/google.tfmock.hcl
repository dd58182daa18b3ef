# What the provider checks the form of. Everything else is made up, differently for each resource.
mock_resource "google_service_account" {
  defaults = {
    name = "projects/some-project/serviceAccounts/someone@some-project.iam.gserviceaccount.com"
  }
}

mock_data "google_storage_project_service_account" {
  defaults = {
    member = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com"
  }
}
