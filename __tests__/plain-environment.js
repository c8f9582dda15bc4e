/**
 * Takes out of the environment what commands, apps, Terraform and Git read there, before any worker starts: the tests of an ops
 * repository run in its pipeline, where GitLab's variables and perhaps a token are set, or in a Git hook, which names the repository.
 */
module.exports = () => {
  for (const name of Object.keys(process.env)) {
    if (/^(CI_|GITLAB_|TF_HTTP_|TF_CLI_ARGS|TF_VAR_|CDKTF_CONTEXT_JSON$|GIT_)/.test(name)) delete process.env[name];
  }
};
