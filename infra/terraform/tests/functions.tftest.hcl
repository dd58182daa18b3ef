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

run "functions" {
  command = apply

  # Each row of the table is a function.
  assert {
    condition     = toset(keys(google_cloudfunctions2_function.all)) == toset(keys(local.deployment.functions))
    error_message = "Not every function of deployment.json is deployed, or others are."
  }
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      f.name == name && f.location == "europe-west3" && f.build_config[0].entry_point == name
    ])
    error_message = "A function is deployed under another name than its own, or elsewhere."
  }
  # Cloud Run refuses what could use more at once, and counts what runs: 20 CPUs, all of a region's functions together.
  assert {
    condition = sum([for f in google_cloudfunctions2_function.all :
      f.service_config[0].max_instance_count * tonumber(f.service_config[0].available_cpu) if tonumber(f.service_config[0].available_cpu) > 1
    ]) < 20
    error_message = "The functions that convert would use up the CPUs of a new project."
  }
  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.all : f.build_config[0].runtime == "nodejs24"])
    error_message = "A function runs on something else than nodejs24."
  }
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      f.build_config[0].source[0].storage_source[0].object ==
      google_storage_bucket_object.source[local.functions[name].folder].name
    ])
    error_message = "A function is not built from the archive of its folder."
  }
  assert {
    condition = alltrue([for folder, object in google_storage_bucket_object.source :
      strcontains(object.name, filesha256(object.source))
    ])
    error_message = "An archive is not named by its content: a change of it would not be deployed."
  }

  # Events come with retries from where they happen.
  assert {
    condition     = length(local.event_functions) > 0
    error_message = "There are no event functions: this checks nothing."
  }
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      length(f.event_trigger) == (contains(keys(local.event_functions), name) ? 1 : 0)
    ])
    error_message = "A function has no trigger and needs one, or the other way round."
  }
  assert {
    condition = alltrue(flatten([for f in google_cloudfunctions2_function.all : [
      for trigger in f.event_trigger : trigger.retry_policy == "RETRY_POLICY_RETRY"
    ]]))
    error_message = "An event that fails once would be lost."
  }
  assert {
    condition = alltrue([for name, row in local.event_functions :
      google_cloudfunctions2_function.all[name].event_trigger[0].pubsub_topic == google_pubsub_topic.all[row.trigger.topic].id
      if row.trigger.kind == "topic"
    ])
    error_message = "A function gets the messages of another topic than its row says."
  }
  assert {
    condition = alltrue([for name, row in local.event_functions : (
      google_cloudfunctions2_function.all[name].event_trigger[0].trigger_region == lower(google_storage_bucket.source.location) &&
      one(google_cloudfunctions2_function.all[name].event_trigger[0].event_filters).value == google_storage_bucket.source.name
    ) if row.trigger == { kind = "finalize", bucket = "SOURCE_BUCKET" }])
    error_message = "A trigger is in another region than its bucket, or on another bucket."
  }
  assert {
    condition = { for name, job in google_cloud_scheduler_job.all : name => job.schedule } == {
      for name, row in local.event_functions : name => "*/${row.trigger.everyMinutes} * * * *" if can(row.trigger.everyMinutes)
    }
    error_message = "What should be woken by the clock is not, or at other times."
  }

  # The environment is what the code reads.
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      f.service_config[0].environment_variables == tomap(local.environments[name])
    ])
    error_message = "A function gets other variables than settings.tf says."
  }
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all :
      toset([for secret in f.service_config[0].secret_environment_variables : secret.key]) ==
      toset([for variable in local.functions[name].variables : variable if contains(local.secrets, variable)])
    ])
    error_message = "A function does not get the secrets that it reads, or gets others."
  }
  assert {
    condition = alltrue(flatten([for f in google_cloudfunctions2_function.all : [
      for secret in f.service_config[0].secret_environment_variables : (
        secret.secret == google_secret_manager_secret.all[secret.key].secret_id &&
        secret.version == google_secret_manager_secret_version.all[secret.key].version
      )
    ]]))
    error_message = "A secret is not taken from its own version."
  }

  # Secrets are not kept in the state.
  assert {
    condition     = alltrue([for version in google_secret_manager_secret_version.all : version.secret_data == null])
    error_message = "The state holds a secret."
  }

  # Addresses with a token are not logged.
  assert {
    condition = (
      strcontains(google_logging_project_exclusion.stream_tokens.filter, "log_id(\"run.googleapis.com/requests\")") &&
      strcontains(google_logging_project_exclusion.stream_tokens.filter, "httpRequest.requestUrl=~\"[?&]token=\"")
    )
    error_message = "The addresses of streams, with their tokens, are in the log of requests."
  }
}

run "what_can_be_set" {
  command = plan

  variables {
    max_instances   = 33
    secret_versions = { SIGNING_KEY = 2 }
  }

  # Limits are those of the row.
  assert {
    condition = alltrue([for name, f in google_cloudfunctions2_function.all : (
      f.service_config[0].timeout_seconds == local.functions[name].timeoutSeconds &&
      f.service_config[0].available_memory == "${local.functions[name].memoryMiB}Mi" &&
      f.service_config[0].available_cpu == tostring(local.functions[name].cpu) &&
      f.service_config[0].max_instance_request_concurrency == local.functions[name].concurrency &&
      f.service_config[0].max_instance_count == try(local.functions[name].maxInstances, 33)
    )])
    error_message = "A function has other limits than its row says."
  }
  assert {
    condition     = google_cloudfunctions2_function.all["sweep"].service_config[0].max_instance_count == 1
    error_message = "Two sweeps may run at once."
  }

  # One secret can be renewed alone.
  assert {
    condition = { for name, version in google_secret_manager_secret_version.all : name => version.secret_data_wo_version } == {
      ADMIN_PASSWORD = "1", SIGNING_KEY = "2"
    }
    error_message = "Another secret than the named one is renewed."
  }
}
