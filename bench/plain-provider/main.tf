# The same pusher as people write it with the GitLab provider alone: a change of `generation` replaces the token, and
# create_before_destroy puts the new one into the variable before the old one goes.

terraform {
  required_providers {
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

variable "generation" {
  type        = number
  description = "Part of the token's name, whose change replaces the token."
}

variable "expires_at" {
  type        = string
  description = "YYYY-MM-DD"
}

resource "gitlab_project_access_token" "pusher" {
  project      = "xlink/gitops"
  name         = "pusher-${var.generation}"
  scopes       = ["write_repository"]
  access_level = "developer"
  expires_at   = var.expires_at

  lifecycle {
    create_before_destroy = true
  }
}

resource "gitlab_project_variable" "pusher" {
  project   = "xlink/gitops"
  key       = "GITLAB_PUSHER_TOKEN"
  value     = gitlab_project_access_token.pusher.token
  protected = true
  masked    = true
}

resource "gitlab_branch_protection" "environments" {
  project            = "xlink/gitops"
  branch             = "env/*"
  push_access_level  = "developer"
  merge_access_level = "maintainer"
}
