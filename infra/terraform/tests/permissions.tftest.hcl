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

run "permissions" {
  command = apply

  # Each folder has an account of its own.
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      f.service_config[0].service_account_email == google_service_account.function[local.functions[name].folder].email
    ])
    error_message = "A function runs on an account that is not its folder's."
  }
  assert {
    condition     = length(distinct([for account in google_service_account.function : account.account_id])) == length(local.folders)
    error_message = "Two folders share an account."
  }
  assert {
    condition = (
      google_cloudfunctions2_function.all["work"].service_config[0].service_account_email ==
      google_cloudfunctions2_function.all["transcode"].service_config[0].service_account_email
    )
    error_message = "transcode and work do the same on different accounts."
  }
  assert {
    condition = alltrue([for f in google_cloudfunctions2_function.all :
      f.build_config[0].service_account == google_service_account.builder.name
    ])
    error_message = "A function is built by the default account."
  }

  # Who may call.
  assert {
    condition = alltrue([for name, binding in google_cloud_run_v2_service_iam_binding.callers : (
      binding.name == name && binding.role == "roles/run.invoker" &&
      binding.members == toset(local.functions[name].trigger.kind == "http" ? ["allUsers"] : [
        "serviceAccount:${google_service_account.trigger[name].email}"
      ])
    )])
    error_message = "A function may be called by somebody else than everybody (HTTP) or its own trigger (events)."
  }
  assert {
    condition = alltrue([for name, row in local.event_functions :
      google_cloudfunctions2_function.all[name].event_trigger[0].service_account_email == google_service_account.trigger[name].email
    ])
    error_message = "A trigger calls its function as somebody else."
  }
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      f.service_config[0].ingress_settings == (local.functions[name].trigger.kind == "http" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY")
    ])
    error_message = "An event function can be reached from outside, or an HTTP function cannot."
  }

  # No role is larger than it has to be.
  assert {
    condition = length(setintersection(["roles/owner", "roles/editor", "roles/viewer"], concat(
      [
        google_artifact_registry_repository_iam_member.builder.role, google_project_iam_member.builder_log.role,
        google_project_iam_member.builder_sources.role, google_project_iam_member.storage_events.role,
        google_storage_bucket_iam_member.builder.role, google_storage_bucket_iam_member.page_readers.role,
      ],
      [for member in google_cloud_run_v2_service_iam_binding.callers : member.role],
      [for member in google_project_iam_member.event_receiver : member.role],
      [for member in google_project_iam_member.records : member.role],
      [for member in google_pubsub_topic_iam_member.function : member.role],
      [for member in google_secret_manager_secret_iam_member.function : member.role],
      [for member in google_service_account_iam_member.signer : member.role],
      [for member in google_storage_bucket_iam_member.function : member.role],
    ))) == 0
    error_message = "A primitive role is given."
  }
  assert {
    condition = alltrue([for member in google_project_iam_member.records :
      one(member.condition).expression == "resource.name == \"projects/some-project/databases/tapedeck\""
    ])
    error_message = "An account may use other databases than ours."
  }
  assert {
    condition     = strcontains(one(google_project_iam_member.builder_sources.condition).expression, "buckets/gcf-v2-sources-")
    error_message = "Whoever builds may read the users' files."
  }
  assert {
    condition = toset([for key, member in google_storage_bucket_iam_member.function :
      one(member.condition).expression if startswith(key, "transcode: object remover in target")
    ]) == toset(["resource.name.startsWith(\"projects/_/buckets/some-project-tapedeck-target/objects/parts/\")"])
    error_message = "What reads strangers' files may delete finished ones."
  }
  assert {
    condition = toset([for key, member in google_storage_bucket_iam_member.function :
      key if endswith(key, ": object remover in target/") && length(member.condition) == 0
    ]) == toset(["sweep: object remover in target/", "tier: object remover in target/"])
    error_message = "Others than sweep (what is deleted) and tier (what is moved) may delete finished files, or one of them may not."
  }
  assert {
    condition = toset([for key, member in google_storage_bucket_iam_member.function : key if startswith(key, "tier: ")]) == toset([
      "tier: object remover in target/",
      "tier: roles/storage.objectCreator in target/",
    ])
    error_message = "tier cannot rewrite what is in the target, or may do more in the buckets."
  }
  assert {
    condition = toset([for key, member in google_storage_bucket_iam_member.function : key if startswith(key, "upload: ")]) == toset([
      "upload: roles/storage.objectCreator in source/"
    ])
    error_message = "upload may do more in the buckets than create in the source."
  }
  assert {
    condition     = toset(keys(google_secret_manager_secret_iam_member.function)) == toset(["auth: ADMIN_PASSWORD", "auth: SIGNING_KEY"])
    error_message = "Another account than auth's may read the secrets."
  }
  assert {
    condition = alltrue([for member in google_service_account_iam_member.signer :
      member.member == "serviceAccount:${google_service_account.function["download"].email}"
    ])
    error_message = "Another account than download's own may sign as it."
  }
}
