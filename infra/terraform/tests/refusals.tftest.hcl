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

run "what_is_required_has_a_form" {
  command = plan

  variables {
    # A project's number; a zone.
    project_id = "123456789012"
    region     = "europe-west3-a"
  }
  expect_failures = [var.project_id, var.region]
}

run "a_multi_region_is_no_region" {
  command = plan

  variables {
    region = "eu"
  }
  expect_failures = [var.region]
}

run "a_build_is_needed" {
  command = plan

  variables {
    build_dir = "tests"
  }
  expect_failures = [var.build_dir]
}

run "what_is_optional_has_a_form" {
  command = plan

  variables {
    admin_email     = "admin"
    alert_email     = "ops@localhost"
    allowed_origins = ["https://tapes.example/page"]
    billing_account = "My Billing Account"
    bucket_names    = { page = "tapes.example" }
    budget_amount   = 0
    database        = "(default)"
    mail_from       = "a@example.com, b@example.com"
    max_instances   = 0.5
    quotas          = { jobs = 0 }
    secret_versions = { SIGNINGKEY = 2 }
    source_days     = 0
    tiers           = { grace_days = -1 }
  }
  expect_failures = [
    var.admin_email, var.alert_email, var.allowed_origins, var.billing_account, var.bucket_names, var.budget_amount,
    var.database, var.mail_from, var.max_instances, var.quotas, var.secret_versions, var.source_days,
    var.tiers,
  ]
}

run "a_policy_is_one_that_there_is" {
  command = plan

  variables {
    tiers = { policy = "moonlight" }
  }
  expect_failures = [var.tiers]
}

run "a_half_life_ends" {
  command = plan

  variables {
    tiers = { half_life_days = 36501 }
  }
  expect_failures = [var.tiers]
}

run "a_sender_needs_a_mail_server" {
  command = plan

  variables {
    mail_from = "tapes@example.com"
  }
  expect_failures = [var.smtp_url]
}

run "a_mail_server_has_a_form" {
  command = plan

  variables {
    mail_from = "tapes@example.com"
    smtp_url  = "mail.example.com:465"
  }
  expect_failures = [var.smtp_url]
}
