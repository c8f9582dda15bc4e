# A fleet as people write it with the GitLab provider alone, in as few lines as it takes.

terraform {
  required_providers {
    gitlab = {
      source = "gitlabhq/gitlab"
    }
  }
}

locals {
  pushers = jsondecode(file("pushers.json"))
}

resource "gitlab_project_access_token" "pusher" {
  for_each = local.pushers

  project      = each.value.target
  name         = "GITLAB_CI_PUSHER"
  scopes       = ["write_repository"]
  access_level = "developer"
  expires_at   = each.value.expires
}

resource "gitlab_project_variable" "pusher" {
  for_each = local.pushers

  project   = each.value.source
  key       = "GITLAB_PUSHER_TOKEN"
  value     = gitlab_project_access_token.pusher[each.key].token
  protected = true
  masked    = true
}

resource "gitlab_branch_protection" "pusher" {
  for_each = local.pushers

  project            = each.value.target
  branch             = "release/*"
  push_access_level  = "developer"
  merge_access_level = "maintainer"
}
