# What the rights of lib/functions.ts mean: which role on what. A right that is not here fails the plan.

locals {
  bucket_rights = {
    "create in source" = [{ bucket = "source", role = "roles/storage.objectCreator", below = "" }]
    "read source"      = [{ bucket = "source", role = "roles/storage.objectViewer", below = "" }]
    "delete in source" = [{ bucket = "source", role = "object remover", below = "" }]
    "read target"      = [{ bucket = "target", role = "roles/storage.objectViewer", below = "" }]
    "delete in target" = [{ bucket = "target", role = "object remover", below = "" }]
    # MP3 and MP4 are created, never replaced; what may be removed is what an attempt has left half done.
    "write target" = [
      { bucket = "target", role = "roles/storage.objectCreator", below = "" },
      { bucket = "target", role = "roles/storage.objectViewer", below = "" },
      { bucket = "target", role = "object remover", below = "parts/" },
    ]
    # Another storage class is the same object made once more in its own place: it is read, created, and what it replaces removed.
    "rewrite in target" = [
      { bucket = "target", role = "roles/storage.objectCreator", below = "" },
      { bucket = "target", role = "object remover", below = "" },
    ]
  }
  topic_rights = { for topic in local.deployment.topics : "publish ${topic}" => topic }
  secret_rights = {
    "signing key" = ["ADMIN_PASSWORD", "SIGNING_KEY"]
    "SMTP secret" = ["SMTP_URL"]
  }
  known_rights = concat(
    keys(local.bucket_rights), keys(local.topic_rights), keys(local.secret_rights), ["records", "sign as itself"],
  )

  # By the account that has them.
  rights = {
    for folder in local.folders :
    folder => toset(flatten([for row in local.functions : row.rights if row.folder == folder]))
  }
  grants = flatten([for folder, rights in local.rights : [for right in rights : { folder = folder, right = right }]])

  # The key says everything of a grant, so that what two rights have in common is granted once.
  bucket_grants = merge([
    for grant in local.grants : {
      for access in try(local.bucket_rights[grant.right], []) :
      "${grant.folder}: ${access.role} in ${access.bucket}/${access.below}" => merge(access, { folder = grant.folder })
    }
  ]...)
  topic_grants = {
    for grant in local.grants : "${grant.folder}: ${local.topic_rights[grant.right]}" => {
      folder = grant.folder, topic = local.topic_rights[grant.right],
    } if can(local.topic_rights[grant.right])
  }
  secret_grants = merge([
    for grant in local.grants : {
      for secret in try(local.secret_rights[grant.right], []) :
      "${grant.folder}: ${secret}" => { folder = grant.folder, secret = secret } if contains(local.secrets, secret)
    }
  ]...)
  record_grants = toset([for grant in local.grants : grant.folder if grant.right == "records"])
  signer_grants = toset([for grant in local.grants : grant.folder if grant.right == "sign as itself"])

  unknown_rights = { for name, row in local.functions : name => setsubtract(row.rights, local.known_rights) }
  # Secrets that a function reads although none of its rights says that it may.
  forbidden_secrets = {
    for name, row in local.functions : name => setsubtract(
      local.secret_environments[name],
      flatten([for right in row.rights : try(local.secret_rights[right], [])]),
    )
  }
}
