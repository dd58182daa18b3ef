# The environment of the functions. Each gets those of these variables that its code reads, and no others.

locals {
  settings = {
    PLATFORM           = "gcp"
    FIRESTORE_DATABASE = var.database
    SOURCE_BUCKET      = local.bucket_names.source
    TARGET_BUCKET      = local.bucket_names.target
    SOURCE_DAYS        = tostring(var.source_days)
    ALLOWED_ORIGINS    = join(",", local.origins)
    ADMIN_EMAIL        = var.admin_email
    PAGE_URL           = "${local.page_origin}/index.html"
    # An empty one counts as not set.
    MAIL_FROM           = local.has_mail ? var.mail_from : ""
    QUOTA_STORED_BYTES  = var.quotas.stored_bytes == null ? "" : tostring(var.quotas.stored_bytes)
    QUOTA_JOBS          = var.quotas.jobs == null ? "" : tostring(var.quotas.jobs)
    QUOTA_FILE_BYTES    = var.quotas.file_bytes == null ? "" : tostring(var.quotas.file_bytes)
    TIER_POLICY         = var.tiers.policy == null ? "" : var.tiers.policy
    TIER_HALF_LIFE_DAYS = var.tiers.half_life_days == null ? "" : tostring(var.tiers.half_life_days)
    TIER_GRACE_DAYS     = var.tiers.grace_days == null ? "" : tostring(var.tiers.grace_days)
    # Google's own front end, which appends the client's address to X-Forwarded-For.
    TRUSTED_PROXIES = "1"
  }

  # The code's own defaults are right for these.
  unset_variables = ["CONVERSION_CORES", "LEASE_SECONDS", "WEBHOOK_ALLOW_PRIVATE"]

  # The platform closes the request at the timeout, but the code runs on: work has to be handed back before.
  hand_back_seconds = 60

  # Errors must not show stack traces to callers, and the log tells which lines belong to one request and to which trace.
  # And files pass through in buffers outside of the heap, which a collection of the young ones frees: that comes before one of the
  # whole heap only where there is little room for them (MB).
  framework_settings = {
    NODE_ENV             = "production"
    LOG_EXECUTION_ID     = "true"
    GOOGLE_CLOUD_PROJECT = var.project_id
    NODE_OPTIONS         = "--max-semi-space-size=2"
  }

  environments = {
    for name, row in local.functions : name => merge(
      local.framework_settings,
      { for variable in row.variables : variable => local.settings[variable] if can(local.settings[variable]) },
      contains(row.variables, "WORK_DEADLINE_SECONDS") ? {
        WORK_DEADLINE_SECONDS = tostring(row.timeoutSeconds - local.hand_back_seconds)
      } : {},
    )
  }

  secret_environments = {
    for name, row in local.functions : name => setintersection(row.variables, local.secrets)
  }

  unknown_variables = {
    for name, row in local.functions : name => setsubtract(
      row.variables,
      concat(keys(local.environments[name]), local.deployment.secretVariables, local.unset_variables),
    )
  }
}
