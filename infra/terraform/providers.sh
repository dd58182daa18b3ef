#!/usr/bin/env bash
# Builds the providers from their sources, for machines that do not reach the Terraform registry but a Go module proxy.
# With them `terraform validate`, `test` and `plan` work, without `terraform init`:
#   export TF_CLI_CONFIG_FILE="$PWD/infra/terraform/.providers/terraform.rc"
set -euo pipefail

folder=$(cd "$(dirname "$0")" && pwd)/.providers
mkdir -p "$folder"

# Releases since the first ones have no module version: these are the commits of google 8.0, tls 4.3 and random 3.9.
export GOBIN=$folder
go install github.com/hashicorp/terraform-provider-google@v1.20.1-0.20260828184646-f3721fb45fa3
go install github.com/hashicorp/terraform-provider-time@v0.14.2
go install github.com/hashicorp/terraform-provider-tls@v1.2.1-0.20260819085117-d044ca7c6f52
go install github.com/terraform-providers/terraform-provider-random@v1.3.2-0.20260824155315-e1092b0cfc07

cat >"$folder/terraform.rc" <<EOF
provider_installation {
  dev_overrides {
    "hashicorp/google" = "$folder"
    "hashicorp/random" = "$folder"
    "hashicorp/time"   = "$folder"
    "hashicorp/tls"    = "$folder"
  }
  direct {}
}
EOF
echo "The providers are in $folder."
