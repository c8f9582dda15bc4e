const TAKEN =
  /^(CI_|GITLAB_|GIT_|TF_(HTTP_|CLI_ARGS|CLI_CONFIG_FILE$|VAR_|PLUGIN_CACHE_DIR$)|TERRAFORM_CONFIG$|CDKTF_(CONTEXT_JSON|HOME)$|XDG_\w+_HOME$)/;

/**
 * Takes out of the environment what commands, apps, Terraform and Git read there, before any worker starts: the tests of an ops
 * repository run in its pipeline, where GitLab's variables and perhaps a token are set, or in a Git hook, which names the repository; and
 * whatever names a folder of the user's own that these programs write into.
 */
module.exports = () => {
  for (const name of Object.keys(process.env)) if (TAKEN.test(name)) delete process.env[name];
};
