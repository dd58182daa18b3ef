# Made here, or handed in, and written to Secret Manager; neither plan nor state holds a value. With keep_data the admin's password outlives a
# destroy, since the kept records hold the account that it belongs to. It stays in its version of the kept secret, which comes
# back by
#   terraform import 'google_secret_manager_secret.all["ADMIN_PASSWORD"]' projects/PROJECT/secrets/tapedeck-admin-password

ephemeral "random_password" "admin" {
  length  = 24
  special = false
}

ephemeral "tls_private_key" "signing" {
  algorithm = "ED25519"
}

locals {
  secret_values = {
    ADMIN_PASSWORD = ephemeral.random_password.admin.result
    SIGNING_KEY    = ephemeral.tls_private_key.signing.private_key_pem_pkcs8
    SMTP_URL       = var.smtp_url
  }
}

locals {
  secret_deletion = {
    for name in local.secrets :
    name => var.keep_data && name == "ADMIN_PASSWORD" ? "ABANDON" : "DELETE"
  }
}

resource "google_secret_manager_secret" "all" {
  for_each = toset(local.secrets)

  project         = var.project_id
  secret_id       = "tapedeck-${lower(replace(each.key, "_", "-"))}"
  deletion_policy = local.secret_deletion[each.key]

  replication {
    auto {}
  }

  lifecycle {
    precondition {
      condition     = contains(keys(local.secret_values), each.key)
      error_message = "The code reads the secret ${each.key}, for which secrets.tf has no value."
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_secret_manager_secret_version" "all" {
  for_each = google_secret_manager_secret.all

  secret                 = each.value.id
  secret_data_wo         = local.secret_values[each.key]
  secret_data_wo_version = tostring(lookup(var.secret_versions, each.key, 1))
  deletion_policy        = local.secret_deletion[each.key]

  # Functions run on the old version until they are told of the new one.
  lifecycle {
    create_before_destroy = true
  }
}
