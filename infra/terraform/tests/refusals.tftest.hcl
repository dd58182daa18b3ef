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

run "what_is_given_has_a_form" {
  command = plan

  variables {
    # A project's number; a zone.
    project_id      = "123456789012"
    region          = "europe-west3-a"
    admin_email     = "admin"
    alert_email     = "ops@localhost"
    allowed_origins = ["https://tapes.example/page"]
    billing_account = "My Billing Account"
    bucket_names    = { page = "tapes.example" }
    budget_amount   = 0
    # There is no build in it.
    build_dir     = "tests"
    database      = "(default)"
    mail_from     = "a@example.com, b@example.com"
    max_instances = 0.5
    quotas        = { jobs = 0 }
    source_days   = 0
    tiers         = { grace_days = -1 }
  }
  expect_failures = [
    var.project_id, var.region, var.admin_email, var.alert_email, var.allowed_origins, var.billing_account,
    var.bucket_names, var.budget_amount, var.build_dir, var.database, var.mail_from, var.max_instances, var.quotas,
    var.source_days, var.tiers,
  ]
}

run "what_has_a_form_may_be_wrong" {
  command = plan

  variables {
    # A multi-region; a sender without a mail server.
    region          = "eu"
    secret_versions = { SIGNINGKEY = 2 }
    tiers           = { policy = "moonlight" }
    mail_from       = "tapes@example.com"
  }
  expect_failures = [var.region, var.secret_versions, var.tiers, var.smtp_url]
}

run "what_has_a_form_may_have_another_mistake" {
  command = plan

  variables {
    tiers     = { half_life_days = 36501 }
    mail_from = "tapes@example.com"
    smtp_url  = "mail.example.com:465"
  }
  expect_failures = [var.tiers, var.smtp_url]
}
