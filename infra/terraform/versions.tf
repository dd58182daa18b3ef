terraform {
  # Secrets are written without being kept in the state: write-only arguments came with 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
    tls = {
      source  = "hashicorp/tls"
      version = "~> 4.1"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

# Budgets belong to no project, and the billing API wants to know on whose account its requests go.
provider "google" {
  alias                 = "billing"
  billing_project       = var.project_id
  user_project_override = true
}
