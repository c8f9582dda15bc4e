import { describe as said } from "../../gitlab/problem";
import { groupPathProblem, projectPathProblem } from "../../gitlab/project-path";
import { variableKeyProblem } from "../../gitlab/variable-key";

/** Why a name is refused, by function, so that a failing test names it. */
const CHECKS = { projectPathProblem, groupPathProblem, variableKeyProblem };

test.each<[keyof typeof CHECKS, string, RegExp | undefined]>([
  ["projectPathProblem", "xlink/xlink-k8s-gitops", undefined],
  ["projectPathProblem", "a/b/c/d.e_f", undefined],
  ["projectPathProblem", "shop", /allowed: the full path of a project/],
  ["projectPathProblem", "4711", /got the id 4711.*going from id to path later would replace the token/],
  [
    "projectPathProblem",
    "https://gitlab.example.com/xlink/shop.git",
    /fix: write "xlink\/shop", without host and \.git/,
  ],
  [
    "projectPathProblem",
    "https://user:secret@gitlab.example.com/xlink/shop",
    /^got "https:\/\/\[redacted\]@gitlab.example.com\/xlink\/shop"; .*take a password out of it, and change it/,
  ],
  [
    "projectPathProblem",
    "https://user:se/cr@et@gitlab.example.com/a/b",
    /^got "https:\/\/\[redacted\]@gitlab.example.com\/a\/b"/,
  ],
  ["projectPathProblem", "https://user@gitlab.example.com/a/b", /^got "https:\/\/\[redacted\]@.*fix: write "a\/b"/],
  ["projectPathProblem", "git@gitlab.example.com:xlink/shop.git", /fix: write "xlink\/shop"/],
  ["projectPathProblem", "xlink/glpat-0123456789abcdefghij", /^got "xlink\/\[a token\]"; (?!.*glpat)/],
  ["projectPathProblem", "xlink/glrt-t3_AbCdEfGh.01.1a2b3c", /^got "xlink\/\[a token\]"; .*, and revoke it/],
  ["projectPathProblem", "docs/glossary-generator", undefined],
  ["projectPathProblem", "infra/glagent-configuration", undefined],
  ["projectPathProblem", `a/${"b".repeat(255)}`, undefined],
  ["projectPathProblem", `a/${"b".repeat(256)}`, /got a text of 258 characters.*each part has up to 255/],
  ["projectPathProblem", "xlink/sh\u200bop", /got U\+200B as character 9, which nobody sees/],
  ["variableKeyProblem", "glpat-0123456789abcdefghij", /^got "\[a token\]"; (?!.*glpat)/],
  ["projectPathProblem", "xlink/shop.git", /full path of a project/],
  ["projectPathProblem", "xlink//shop", /full path of a project/],
  ["projectPathProblem", "xlink/", /full path of a project/],
  ["groupPathProblem", "xlink", undefined],
  ["groupPathProblem", "xlink/apps", undefined],
  ["groupPathProblem", "12", /got the id 12/],
  ["groupPathProblem", "", /full path of a group/],
  ["variableKeyProblem", "GITLAB_PUSHER_TOKEN", undefined],
  ["variableKeyProblem", "x".repeat(255), undefined],
  ["variableKeyProblem", "x".repeat(256), /1 to 255 letters/],
  ["variableKeyProblem", "PUSH-TOKEN", /fix: write "PUSH_TOKEN"/],
  ["variableKeyProblem", "", /fix: write "GITLAB_PUSHER_TOKEN"/],
  ["variableKeyProblem", "CI_JOB_TOKEN", /which is set by GitLab in jobs/],
  ["variableKeyProblem", "0ABC", /the first is no digit.*fix: write "_0ABC"/],
])("%s of %j", (check, text, expected) => {
  const found = CHECKS[check](text);
  if (expected) expect(said(found!)).toMatch(expected);
  else expect(found).toBeUndefined();
});

const OWNED =
  `CI CI_X GITLAB_CI GITLAB_USER_NAME GITLAB_USER_EMAIL GITLAB_USER_LOGIN GITLAB_USER_ID GITLAB_FEATURES CHAT_INPUT CHAT_CHANNEL
  TRIGGER_PAYLOAD KUBECONFIG FF_USE_FASTZIP RUNNER_SCRIPT_TIMEOUT CACHE_FALLBACK_KEY ARTIFACT_DOWNLOAD_ATTEMPTS DOCKER_AUTH_CONFIG
  PUSHER_MESSAGE PUSHER_NAME LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES GLIBC_TUNABLES _ PATH Path HOME BASH_ENV ENV IFS PS4
  PROMPT_COMMAND SHELLOPTS CDPATH UID TMPDIR LANG LC_ALL USER USERPROFILE COMSPEC http_proxy HTTPS_PROXY NO_PROXY GITLAB_BASE_URL
  SSL_CERT_FILE GIT_DIR GIT_SSH_COMMAND GIT_ASKPASS GIT_STRATEGY GIT_DEPTH GIT_CONFIG_COUNT GIT_AUTHOR_NAME EMAIL SSH_AUTH_SOCK
  SSH_ASKPASS NODE_OPTIONS NODE_TLS_REJECT_UNAUTHORIZED npm_config_registry PYTHONPATH PYTHONSTARTUP RUBYOPT PERL5OPT JAVA_TOOL_OPTIONS
  _JAVA_OPTIONS GOFLAGS MAKEFLAGS DOCKER_HOST TF_LOG TF_CLI_ARGS TF_HTTP_PASSWORD`.split(/\s+/);

const FREE =
  `GITLAB_TOKEN GITLAB_PUSHER_TOKEN GITLAB_ACCESS_TOKEN GITLAB_PUSH_TOKEN GITOPS_TOKEN GITHUB_TOKEN GL_TOKEN GIT_TOKEN GIT_PUSH_TOKEN
  GIT_PASSWORD CIRCLE_TOKEN CICD_TOKEN FFMPEG_TOKEN PUSH PUSH_TOKEN PUSHER_TOKEN PUSHER_DEPLOY_TOKEN PATH_TOKEN HOMEPAGE_TOKEN
  ENVIRONMENT_TOKEN NODE_AUTH_TOKEN NPM_TOKEN DOCKER_PASSWORD HELM_REPO_PASSWORD TF_VAR_gitlab_token RUNNER_TOKEN RELEASE_TOKEN KEY K
  HIDDEN_TOKEN CHARTS_TOKEN OTHER _PUSH push_token SSHLESS`.split(/\s+/);

test.each(OWNED)(
  "GIVEN the key %s, which something in every job reads or sets THEN it is refused with whose it is",
  (key) => {
    expect(said(variableKeyProblem(key)!)).toMatch(/^got "\w+", which is .*; allowed: .*; fix: choose another name: /);
  },
);

test.each(FREE)("GIVEN the key %s THEN it is taken", (key) => {
  expect(variableKeyProblem(key)).toBeUndefined();
});
