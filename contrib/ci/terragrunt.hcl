# Terragrunt, in the root.hcl that each unit includes: what changes something runs under an exclusive
# claim of its unit, for an hour at most; the claim is that of the CI job, or yours.
terraform {
  before_hook "presence_claim" {
    commands = ["apply", "destroy"]
    execute  = ["git", "presence", "claim", "--exclusive", "--wait=10m", "--ttl=1h", "stack:${path_relative_to_include()}", "--purpose", "terragrunt apply"]
  }

  after_hook "presence_release" {
    commands     = ["apply", "destroy"]
    execute      = ["git", "presence", "release", "stack:${path_relative_to_include()}"]
    run_on_error = true
  }
}
