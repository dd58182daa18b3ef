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
}

run "buckets" {
  command = plan

  variables {
    source_days     = 2.5
    allowed_origins = ["https://tapes.example"]
  }

  # Only the page is public.
  assert {
    condition = alltrue([
      for bucket in [google_storage_bucket.source, google_storage_bucket.target, google_storage_bucket.functions] :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "A bucket other than the page's could be made public."
  }
  assert {
    condition     = google_storage_bucket.page.uniform_bucket_level_access
    error_message = "Single files of the page could have permissions of their own."
  }
  assert {
    condition = (
      google_storage_bucket_iam_member.page_readers.member == "allUsers" &&
      google_storage_bucket_iam_member.page_readers.role == "roles/storage.legacyObjectReader"
    )
    error_message = "The page cannot be read by everybody, or its files can be listed."
  }

  # Deleted is deleted.
  assert {
    condition = alltrue([for bucket in [google_storage_bucket.source, google_storage_bucket.target] :
      bucket.soft_delete_policy[0].retention_duration_seconds == 0
    ])
    error_message = "Soft delete is on: what is rewritten to another class, or deleted, is paid for another week."
  }

  # Only our own code moves objects.
  assert {
    condition     = google_storage_bucket.target.storage_class == "STANDARD"
    error_message = "Objects are made in another class than the code takes for granted."
  }
  assert {
    condition = (
      length(google_storage_bucket.target.autoclass) == 0 &&
      !anytrue([for rule in google_storage_bucket.target.lifecycle_rule : one(rule.action).type == "SetStorageClass"])
    )
    error_message = "Cloud Storage changes classes of its own accord, and the records do not know."
  }
  assert {
    condition = (
      length(google_storage_bucket.target.versioning) == 0 && length(google_storage_bucket.target.retention_policy) == 0
    )
    error_message = "What is rewritten to another class stays in the old one, too, or cannot be rewritten."
  }

  # What everybody has forgotten goes.
  assert {
    condition = anytrue([for rule in google_storage_bucket.source.lifecycle_rule :
      one(rule.action).type == "Delete" && one(rule.condition).age == 17
    ])
    error_message = "Sources that sweep does not know stay for ever, or go before their time."
  }
  assert {
    condition = anytrue([for rule in google_storage_bucket.source.lifecycle_rule :
      one(rule.action).type == "AbortIncompleteMultipartUpload"
    ])
    error_message = "Unfinished uploads stay for ever."
  }
  assert {
    condition = alltrue([for rule in google_storage_bucket.target.lifecycle_rule :
      one(rule.action).type == "Delete" && one(rule.condition).matches_prefix == tolist(["parts/"])
    ])
    error_message = "More than parts goes from the target by its age."
  }

  # Pages of these origins may use the buckets.
  assert {
    condition = alltrue([for bucket in [google_storage_bucket.source, google_storage_bucket.target] : (
      bucket.cors[0].origin == tolist(["https://some-project-tapedeck-page.storage.googleapis.com", "https://tapes.example"]) &&
      length(setsubtract(local.deployment.exposedHeaders, bucket.cors[0].response_header)) == 0
    )])
    error_message = "A page cannot read what the buckets answer."
  }
  assert {
    condition = (
      google_storage_bucket.source.cors[0].method == tolist(["PUT", "DELETE"]) &&
      google_storage_bucket.target.cors[0].method == tolist(["GET", "HEAD"])
    )
    error_message = "A page may do something else than upload to the source and download from the target."
  }
  assert {
    condition = google_cloudfunctions2_function.all["status"].service_config[0].environment_variables.ALLOWED_ORIGINS == (
      "https://some-project-tapedeck-page.storage.googleapis.com,https://tapes.example"
    )
    error_message = "The functions know other origins than the buckets."
  }

  # The page finds the api.
  assert {
    condition = jsondecode(google_storage_bucket_object.page["config.json"].content) == {
      apiUrl = "https://europe-west3-some-project.cloudfunctions.net"
    }
    error_message = "config.json names another API."
  }
  assert {
    condition = alltrue([for what in ["connect", "media", "frame"] : strcontains(
      google_storage_bucket_object.page["index.html"].content,
      "${what}-src 'self' https://europe-west3-some-project.cloudfunctions.net https://storage.googleapis.com;",
    )])
    error_message = "The page's policy keeps it from the API or the buckets."
  }
  assert {
    condition = toset(keys(google_storage_bucket_object.page)) == setunion(
      ["config.json"], fileset("${var.build_dir}/page", "**"),
    )
    error_message = "Not every file of the page is uploaded."
  }
  assert {
    condition     = alltrue([for object in google_storage_bucket_object.page : object.cache_control == "no-cache"])
    error_message = "A browser may keep an old version of the page."
  }
  assert {
    condition = (
      google_storage_bucket_object.page["index.html"].content_type == "text/html; charset=utf-8" &&
      google_storage_bucket_object.page["main.js"].content_type == "text/javascript; charset=utf-8" &&
      google_storage_bucket_object.page["main.css"].content_type == "text/css; charset=utf-8" &&
      google_storage_bucket_object.page["config.json"].content_type == "application/json"
    )
    error_message = "A browser would not take a file of the page for what it is."
  }
}

run "names_can_be_chosen" {
  command = plan

  variables {
    bucket_names = { target = "my-mp3s", page = "my-page" }
  }

  assert {
    condition = [google_storage_bucket.source.name, google_storage_bucket.target.name, google_storage_bucket.page.name] == [
      "some-project-tapedeck-source", "my-mp3s", "my-page",
    ]
    error_message = "A bucket has another name than was asked for."
  }
  assert {
    condition     = output.page_url == "https://my-page.storage.googleapis.com/index.html"
    error_message = "The page is elsewhere."
  }
  assert {
    condition = (
      google_cloudfunctions2_function.all["work"].service_config[0].environment_variables.TARGET_BUCKET == "my-mp3s" &&
      strcontains(
        one(google_storage_bucket_iam_member.function["transcode: object remover in target/parts/"].condition).expression,
        "buckets/my-mp3s/objects/parts/",
      )
    )
    error_message = "The functions look into another bucket."
  }
}
