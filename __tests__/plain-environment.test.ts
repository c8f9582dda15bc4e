const plainEnvironment = require("./plain-environment") as () => void;

test("GIVEN a pipeline or a Git hook, tests see nothing of it but where programs are", () => {
  const before = process.env;
  const kept = { PATH: "/bin", HOME: "/root", CI: "true", TERRAFORM_BINARY_NAME: "tofu", GITLAB: "x" };
  const ofGitLab = ["CI_API_V4_URL", "CI_JOB_TOKEN", "GITLAB_TOKEN"];
  const ofTerraform = ["TF_HTTP_PASSWORD", "TF_CLI_ARGS_plan", "TF_VAR_x", "TF_PLUGIN_CACHE_DIR", "TF_CLI_CONFIG_FILE"];
  const ofFolders = ["CDKTF_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
  const taken = [...ofGitLab, ...ofTerraform, ...ofFolders, "GIT_DIR", "GIT_INDEX_FILE"];
  process.env = { ...kept, ...Object.fromEntries(taken.map((name) => [name, "of theirs"])) };
  try {
    plainEnvironment();
    expect(process.env).toEqual(kept);
  } finally {
    process.env = before;
  }
});
