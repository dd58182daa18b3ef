# Where `terraform destroy` has left buckets standing (keep_data), the next apply takes them up again after
#   terraform import google_storage_bucket.source PROJECT/NAME
#   terraform import google_storage_bucket.target PROJECT/NAME

resource "google_storage_bucket" "source" {
  project                     = var.project_id
  name                        = local.bucket_names.source
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep_data
  deletion_policy             = var.keep_data ? "ABANDON" : "DELETE"

  # Off: who deletes a video wants it gone, and every converted one would be paid for another week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  cors {
    origin          = local.origins
    method          = ["PUT", "DELETE"]
    response_header = local.cors_headers
    max_age_seconds = 3600
  }

  # Uploads in parts that nobody finishes. (Resumable sessions end by themselves, after a week.)
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }

  # Sweep deletes a source when its time is over; this catches what sweep has never heard of. An object's age counts from the
  # end of its upload, its time only from the end of its job, which may wait and be retried: so two weeks more, longer than
  # events are delivered again and than an upload session lives.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = ceil(var.source_days) + 14
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_storage_bucket" "target" {
  project                     = var.project_id
  name                        = local.bucket_names.target
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep_data
  deletion_policy             = var.keep_data ? "ABANDON" : "DELETE"

  # Objects are made in this class, and the function tier moves them. Nothing else may, neither autoclass nor a rule below: the
  # records say which class an object has.
  storage_class = "STANDARD"

  # Off: an object that moves to another storage class would be paid for twice for a week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  cors {
    origin          = local.origins
    method          = ["GET", "HEAD"]
    response_header = local.cors_headers
    max_age_seconds = 3600
  }

  # Parts belong to one attempt at a job, which is over in minutes. Sweep removes what a crash leaves; this catches the rest.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 2
      matches_prefix = ["parts/"]
    }
  }

  depends_on = [time_sleep.apis]
}
