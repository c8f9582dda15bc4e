import { DEFAULT_VARIABLE_KEY } from "./defaults";
import { type Problem, quoted } from "./problem";
import { writtenTextProblem } from "./written-text";

/** Says why `key` cannot be the key of the variable that carries a push token, or undefined when it can. */
export function variableKeyProblem(key: string): Problem | undefined {
  const written = writtenTextProblem(key);
  if (written) return written;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(key)) {
    return {
      got: quoted(key),
      allowed: "1 to 255 letters, digits and underscores, of which the first is no digit: no shell could read it",
      fix: `write ${quoted(readable(key))}`,
    };
  }
  const owner = OWNERS.find(({ keys }) => keys.test(key));
  if (owner === undefined) return undefined;
  return {
    got: `${quoted(key)}, which is ${owner.whose}`,
    allowed: `a key that nothing but your own script reads, such as ${DEFAULT_VARIABLE_KEY}`,
    fix: `choose another name: ${owner.harm}`,
  };
}

function readable(key: string): string {
  const letters = key.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
  return letters.slice(0, 255) || DEFAULT_VARIABLE_KEY;
}

/** The owner of keys, and the harm that a token in one of them would do. */
interface Owner {
  readonly whose: string;
  readonly harm: string;
  /** Without regard to case: a Windows runner has none in names, and programs read `http_proxy` as well as `HTTP_PROXY`. */
  readonly keys: RegExp;
}

/** Keys that begin with these words, but for a credential among them: `GIT_PUSH_TOKEN` is nobody's setting. */
const settingsOf = (...words: readonly string[]): RegExp =>
  new RegExp(`^(?:${words.join("|")})_(?!(?:\\w*_)?(?:TOKEN|PAT|PASSWORD|SECRET)$)`, "i");

const named = (keys: string): RegExp => new RegExp(`^(?:${keys.trim().split(/\s+/).join("|")})$`, "i");

/**
 * Programs that read or set variables in every job, beside the script that pushes. A variable of a project stands above what GitLab and the
 * configuration set, so a token in one of theirs is printed, committed, sent elsewhere or run.
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 * @see https://docs.gitlab.com/runner/configuration/feature-flags/
 * @see https://docs.gitlab.com/ci/runners/configure_runners/
 * @see https://git-scm.com/docs/git#_environment_variables
 */
const OWNERS: readonly Owner[] = [
  {
    whose: "set by GitLab in jobs",
    harm: "jobs would lose the predefined variable, print or commit the token in its place, or not get this one",
    keys: named("CI CI_\\w* CHAT_\\w* GITLAB_CI GITLAB_FEATURES GITLAB_USER_\\w* KUBECONFIG TRIGGER_PAYLOAD"),
  },
  {
    whose: "a setting of GitLab Runner",
    harm: "it changes how the runner works, which may print it",
    keys: named(`FF_\\w* DOCKER_AUTH_CONFIG TRANSFER_METER_FREQUENCY CUSTOM_ENV_\\w* KUBERNETES_\\w*
      RUNNER_(?!TOKEN$)\\w*
      CACHE_(?:FALLBACK_KEY|COMPRESSION_\\w*|REQUEST_TIMEOUT) ARTIFACT_(?:COMPRESSION_LEVEL|DIRECT_DOWNLOAD)
      (?:GET_SOURCES|ARTIFACT_DOWNLOAD|RESTORE_CACHE|EXECUTOR_JOB_SECTION)_ATTEMPTS SECURE_FILES_DOWNLOAD_PATH`),
  },
  {
    whose: "a setting of this project's push job",
    harm: "the push job would commit the token, or push elsewhere",
    keys: named("PUSHER_(?:TARGET|BRANCH|MESSAGE|NAME|EMAIL|VARIABLE|SKIP_PIPELINE|RETRIES|DEPTH)"),
  },
  {
    whose: "read by every program as it starts",
    harm: "programs would load code from a place of that name, or print it when they find none",
    keys: named(
      "LD_\\w* DYLD_\\w* GLIBC_TUNABLES GCONV_PATH LOCPATH NLSPATH MALLOC_\\w* NSS_\\w* RES_OPTIONS HOSTALIASES",
    ),
  },
  {
    whose: "the shell's own",
    harm: "the job's shell would lose its settings, run a file of that name, or set the variable itself",
    keys: named(`_ PATH HOME PWD OLDPWD CDPATH USER USERNAME LOGNAME SHELL SHLVL SHELLOPTS TERM COLUMNS LINES DISPLAY
      IFS ENV BASH BASH_\\w* BASHPID BASHOPTS COMP_\\w* COPROC PS\\d PROMPT_\\w* GLOBIGNORE EXECIGNORE FIGNORE FPATH
      MANPATH ZDOTDIR ZSH_\\w* KSH_\\w* FCEDIT RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME LINENO UID EUID GID
      PPID GROUPS HOSTNAME HOSTTYPE OSTYPE MACHTYPE OPTARG OPTIND OPTERR REPLY MAPFILE READLINE_\\w* DIRSTACK FUNCNAME
      PIPESTATUS STATUS POSIXLY_CORRECT TIMEFORMAT TMOUT HIST\\w* INPUTRC IGNOREEOF MAIL MAILCHECK MAILPATH EDITOR
      VISUAL PAGER LESS\\w* LANG LANGUAGE LC_\\w* TZ TZDIR TMP TEMP TMPDIR XDG_\\w*
      PATHEXT COMSPEC SYSTEMROOT SYSTEMDRIVE WINDIR OS APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES ALLUSERSPROFILE
      USERPROFILE USERDOMAIN HOMEDRIVE HOMEPATH COMPUTERNAME PSMODULEPATH`),
  },
  {
    whose: "an address that programs send requests to or through",
    harm: "the token would be taken for a host, asked for by name and written into logs",
    keys: named(`(?:https?|all|no|ftp|rsync|socks)_proxy GITLAB_(?:BASE_URL|URL|URI|HOST|API_URL|API_HOST) GL_HOST
      (?:SSL|CURL)_\\w* REQUESTS_CA_BUNDLE OPENSSL_\\w* WGETRC NETRC`),
  },
  {
    whose: "a setting of Git, SSH or GnuPG",
    harm: "the push itself would fail, or go elsewhere",
    keys: new RegExp(`${settingsOf("GIT", "SSH", "GPG", "GCM").source}|${named("EMAIL GNUPGHOME").source}`, "i"),
  },
  {
    whose: "a setting of a language or tool that jobs run",
    harm: "the tool would take the token for an option or a file, and print it",
    keys: new RegExp(
      [
        settingsOf(
          ...[
            "NODE",
            "NPM_CONFIG",
            "YARN",
            "PNPM",
            "DOCKER",
            "BUILDKIT",
            "COMPOSE",
            "HELM",
            "KUBE",
            "KUSTOMIZE",
            "PIP",
          ],
          ...["PYENV", "GEM", "BUNDLE", "CARGO", "ANSIBLE", "MAVEN", "GRADLE", "JAVA", "DOTNET", "COMPOSER"],
        ),
        named(`PYTHON\\w* RUBY\\w* PERL\\w* LUA_\\w* PHPRC PHP_INI_SCAN_DIR VIRTUAL_ENV CLASSPATH JDK_JAVA_OPTIONS
          _JAVA_OPTIONS GO(?:PATH|ROOT|FLAGS|PROXY|PRIVATE|CACHE|BIN|ENV|OS|ARCH|DEBUG|TOOLCHAIN|SUMDB|NOSUMDB|NOPROXY|WORK)
          MAKEFLAGS MFLAGS MAKEFILES MAKELEVEL CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS RUSTFLAGS RUSTC_WRAPPER
          TF_(?!VAR_)\\w* DEBUG NO_COLOR FORCE_COLOR CLICOLOR\\w*`),
      ]
        .map(({ source }) => source)
        .join("|"),
      "i",
    ),
  },
];
