variable "project_id" {
  description = "The Google Cloud project that everything is made in. It has to exist, with billing enabled."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be a project's id (not its name or number): 6 to 30 of a-z, 0-9, dash, beginning with a letter; \"${var.project_id}\" is not."
  }
}

variable "region" {
  description = "The region of everything that has a place, such as europe-west1. It needs Cloud Run functions, Eventarc, Firestore and Cloud Scheduler; where a new project may build at all, Cloud Build's locations say."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be a single region such as europe-west1 (no zone, no multi-region); \"${var.region}\" is not."
  }
}

variable "build_dir" {
  description = "What `npm run build` has made: functions/*.zip, page/ and deployment.json."
  type        = string
  default     = "../../dist"

  validation {
    condition     = fileexists("${var.build_dir}/deployment.json")
    error_message = "build_dir must be what `npm run build` makes; there is no ${var.build_dir}/deployment.json. Run `npm run build` in the project's folder first."
  }
}

variable "admin_email" {
  description = "The first account, made at the first sign-in. It need not be able to get mail; it cannot be renamed later."
  type        = string
  default     = "admin@tapedeck.local"

  validation {
    condition     = can(regex("^[^\\s@,]+@[^\\s@,]+$", var.admin_email))
    error_message = "admin_email must be an e-mail address; \"${var.admin_email}\" is not."
  }
}

variable "allowed_origins" {
  description = "Origins of further pages that may use API and buckets, such as https://example.com."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([for origin in var.allowed_origins :
      can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", origin)) && !can(regex("^(https://.*:443|http://.*:80)$", origin))
    ])
    error_message = "allowed_origins must be origins such as https://example.com, as browsers write them: in lower case, without the usual port, without a path or a slash at the end; ${jsonencode(var.allowed_origins)} are not all."
  }
}

variable "source_days" {
  description = "How many days an uploaded video is kept once its job is over, so that the job can be retried."
  type        = number
  default     = 7

  validation {
    condition     = var.source_days > 0
    error_message = "source_days must be more than 0 days; ${var.source_days} is not."
  }
}

variable "quotas" {
  description = "What an account may have, where an administrator has not set other limits for it: bytes stored, jobs at once, bytes of one file. What is left out has no limit."
  type = object({
    stored_bytes = optional(number)
    jobs         = optional(number)
    file_bytes   = optional(number)
  })
  default = {}

  validation {
    condition = alltrue([for limit in values(var.quotas) :
      limit == null || try(limit >= 1 && limit <= 9007199254740991 && floor(limit) == limit, false)
    ])
    error_message = "quotas must be whole numbers from 1 on; ${jsonencode(var.quotas)} are not all."
  }
}

variable "tiers" {
  description = "How MP3s and MP4s get the storage class that they are kept in: by the policy \"cost\" (what is expected to cost least) or \"count\" (the ranges of the levels); after how many days an access counts half (0: always as a whole); for how many days a new file is left where it is. What is left out is \"cost\", 30 and 1."
  type = object({
    policy         = optional(string)
    half_life_days = optional(number)
    grace_days     = optional(number)
  })
  default = {}

  validation {
    condition     = var.tiers.policy == null || try(contains(["count", "cost"], var.tiers.policy), false)
    error_message = "The policy of tiers must be count or cost; ${jsonencode(var.tiers.policy)} is not."
  }
  validation {
    condition = alltrue([for days in [var.tiers.half_life_days, var.tiers.grace_days] :
      days == null || try(days >= 0 && days <= 36500, false)
    ])
    error_message = "half_life_days and grace_days of tiers must be from 0 to 36500 days; ${jsonencode(var.tiers)} are not both."
  }
}

variable "database" {
  description = "The name of the Firestore database."
  type        = string
  default     = "tapedeck"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "database must be the name of a Firestore database of its own: 4 to 63 of a-z, 0-9, dash, beginning with a letter; \"${var.database}\" is not."
  }
}

variable "bucket_names" {
  description = "Names for the buckets, where PROJECT-tapedeck-source, -target, -page and -functions will not do. Bucket names are unique in the whole world."
  type = object({
    source    = optional(string)
    target    = optional(string)
    page      = optional(string)
    functions = optional(string)
  })
  default = {}

  validation {
    condition     = alltrue([for name in values(var.bucket_names) : name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "bucket_names must be 3 to 63 of a-z, 0-9, dash (no dots: the page's bucket is part of a host name); ${jsonencode(var.bucket_names)} are not all."
  }
}

variable "max_instances" {
  description = "How many instances of one function may run at once, where the function itself does not say. It bounds the bill, and how many videos are converted at the same time: twice as many, by transcode and by work. Each of those has 2 CPUs, and a new project's quota is 20 CPUs in a region: from 11 on Cloud Run refuses them."
  type        = number
  default     = 4

  validation {
    condition     = var.max_instances >= 1 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 1 on; ${var.max_instances} is not."
  }
}

variable "secret_versions" {
  description = "A higher number makes a new value of a secret, such as {SIGNING_KEY = 2}. Tokens that the old key has signed stay valid until they expire. A new ADMIN_PASSWORD changes nothing once the first account exists: its password is changed by the account."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.secret_versions), local.deployment.secretVariables)) == 0
    error_message = "secret_versions knows ${join(", ", local.deployment.secretVariables)}; ${join(", ", setsubtract(keys(var.secret_versions), local.deployment.secretVariables))} is none of them."
  }
}

variable "keep_data" {
  description = "Whether `terraform destroy` leaves videos, MP3s, records and the secrets that go with them where they are. A change counts once it was applied."
  type        = bool
  default     = false
}

variable "alert_email" {
  description = "Where mails go about jobs that fail through no fault of their video, or get stuck. Without it there are no alerts."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^\\s@,]+@[^\\s@,]+\\.[^\\s@,]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address that gets mail; ${jsonencode(var.alert_email)} is not."
  }
}

variable "mail_from" {
  description = "Who sends the mails that tell users that their jobs have ended, such as tapes@example.com or \"Tapes <tapes@example.com>\". It needs smtp_url. Without it no mail is sent."
  type        = string
  default     = null

  validation {
    condition     = var.mail_from == null || can(regex("^([^<>[:cntrl:]]*<[^\\s@<>,]+@[^\\s@<>,]+>|[^\\s@<>,]+@[^\\s@<>,]+)$", var.mail_from))
    error_message = "mail_from must be a sender such as tapes@example.com or Tapes <tapes@example.com>; ${jsonencode(var.mail_from)} is not."
  }
}

variable "smtp_url" {
  description = "The mail server, with name and password, such as smtps://name:password@smtp.example.com:465. Goes with mail_from, at every apply; best handed in as TF_VAR_smtp_url. It is kept in Secret Manager only; a changed one counts with a higher number in secret_versions."
  type        = string
  default     = null
  ephemeral   = true

  validation {
    condition     = try(length(var.smtp_url), 0) == 0 || can(regex("^smtps?://[^\\s/]+", var.smtp_url))
    error_message = "smtp_url must be an smtp or smtps URL such as smtps://name:password@host:465."
  }
  validation {
    condition     = (try(length(var.smtp_url), 0) == 0) == (var.mail_from == null)
    error_message = "smtp_url and mail_from go together: a mail needs a server and a sender."
  }
}

variable "billing_account" {
  description = "The billing account that pays for the project, such as 01AB23-CD45EF-67890A. With it, a budget tells its administrators when it is spent; it stops nothing."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account must be a billing account's id such as 01AB23-CD45EF-67890A; ${jsonencode(var.billing_account)} is not."
  }
}

variable "budget_amount" {
  description = "The budget of a month, in whole units of the billing account's currency."
  type        = number
  default     = 20

  validation {
    condition     = var.budget_amount >= 1 && floor(var.budget_amount) == var.budget_amount
    error_message = "budget_amount must be a whole number from 1 on; ${var.budget_amount} is not."
  }
}
