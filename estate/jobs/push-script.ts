import { expand, isKnown, type ShellCommand, shellCommands } from "./shell";

/** The proof that a script gives Git of who it is. */
export type ScriptCredential =
  /** CI_JOB_TOKEN, which a runner also leaves in `origin`. */
  | { readonly kind: "job-token"; readonly user?: string }
  /** A variable in the address, such as `GITLAB_PUSHER_TOKEN`. */
  | { readonly kind: "variable"; readonly key: string; readonly user: string }
  /** A credential helper or a header; `key` is the wanted variable, where the script mentions it. */
  | { readonly kind: "helper" }
  /** An address with neither. */
  | { readonly kind: "none" }
  /** SSH, a literal, or something computed. */
  | { readonly kind: "other"; readonly what: string };

/** One `git push` of a job's script, as far as it can be told without running it. */
export interface ScriptPush {
  readonly credential: ScriptCredential;
  /** Host of the address, with its port; undefined = not known. */
  readonly host?: string;
  /** Full path of the project it pushes to, without `.git`; undefined = not known. */
  readonly project?: string;
  /** The branch it pushes to; undefined = not known. */
  readonly branch?: string;
  /** `refs/heads/…` in full, so that Git need not guess. */
  readonly qualified: boolean;
  /** Tells whether the refspec names one side only, so that Git needs a branch of that name here. */
  readonly bare: boolean;
  /** Tells whether HEAD is still the runner's detached one at this point. */
  readonly detached: boolean;
  /** The repository that it pushes from: the runner's checkout, a repository the script made, or none that can be seen. */
  readonly repository: "checkout" | "own" | "none";
  /** Tells whether the missing history has been fetched, or cloned in full. */
  readonly complete: boolean;
  readonly force: boolean;
  readonly deletes: boolean;
  /** A remote is named after an address, where Git takes its name for a branch: `git push ADDRESS origin main`. */
  readonly strayRemote?: string;
  /** A tag, or all of them. */
  readonly tags: boolean;
  /** The push asks for no pipeline. */
  readonly skipsPipeline: boolean;
}

export interface ScriptContext {
  /** Full path of the project whose job it is. */
  readonly project: string;
  /** The job's variables, as far as they are known; never a secret. */
  readonly variables: ReadonlyMap<string, string>;
  /** Tells whether the runner clones at all (GIT_STRATEGY). */
  readonly checkout: boolean;
}

/**
 * Every `git push` in a script. A reader of our own, because no parser knows what Git's commands do to remotes and HEAD; it follows the
 * few that decide where a push of the public cases goes and with what, and calls the rest unknown.
 */
export function pushesIn(script: string, context: ScriptContext): ScriptPush[] {
  const reader = new ScriptReader(context);
  for (const command of shellCommands(script)) reader.read(command);
  return reader.pushes;
}

/** Tells whether a script reads a variable, in whatever place. */
export const mentions = (script: string, key: string): boolean => new RegExp(`\\$\\{?${key}\\b`).test(script);

interface Remote {
  readonly credential: ScriptCredential;
  readonly host?: string;
  readonly project?: string;
}

/** Follows a script through its git commands, keeping what a push depends on. */
class ScriptReader {
  readonly pushes: ScriptPush[] = [];
  private readonly values: Map<string, string>;
  private readonly remotes = new Map<string, Remote>();
  private helper = false;
  private detached: boolean;
  private repository: ScriptPush["repository"];
  private complete = false;
  private skipsPipeline = false;

  constructor(context: ScriptContext) {
    this.values = new Map(context.variables);
    this.detached = context.checkout;
    this.repository = context.checkout ? "checkout" : "none";
    if (context.checkout) this.remotes.set("origin", { credential: { kind: "job-token" }, project: context.project });
  }

  read(command: ShellCommand): void {
    const words = command.map((word) => expand(word, this.values));
    const assigned = words.findIndex((word) => !/^\w+=/.test(word));
    const exported = words[0] === "export" ? words.slice(1) : assigned < 0 ? words : [];
    for (const word of exported) this.assign(word);
    const rest = words.slice(Math.max(assigned, 0));
    // Scripts like to wrap git in a function of their own: my_git push …
    if (/(^|[/_-])git$/.test(rest[0] ?? "")) this.readGit(rest.slice(1).filter((word) => !/^\$[@*]$/.test(word)));
    else if (rest[0] === "git-credential" || /GIT_ASKPASS|\.netrc|git-credentials/.test(words.join(" ")))
      this.helper = true;
  }

  private assign(word: string): void {
    const [name, value] = split(word, "=");
    if (/^GIT_ASKPASS$|^GIT_CONFIG_/.test(name)) this.helper = true;
    if (value !== undefined) this.values.set(name, value);
  }

  private readGit(words: readonly string[]): void {
    const rest = [...words];
    while (rest[0]?.startsWith("-")) {
      const option = rest.shift() as string;
      const setting =
        option === "-c" || option === "-C" || option === "--git-dir" || option === "--work-tree" ? rest.shift() : "";
      if (option === "-c") this.configure(...split(setting ?? "", "="));
    }
    const [command, ...args] = rest;
    switch (command) {
      case "push":
        this.push(args);
        break;
      case "clone":
        this.clone(args);
        break;
      case "remote":
        this.remote(args);
        break;
      case "config": {
        const [name = "", value] = args.filter((arg) => !arg.startsWith("-"));
        this.configure(name, value);
        break;
      }
      case "checkout":
      case "switch":
        this.checkout(args);
        break;
      case "init":
        this.detached = false;
        this.repository = "own";
        break;
      case "fetch":
      case "pull":
        if (args.some((arg) => arg === "--unshallow" || arg === "--depth=2147483647")) this.complete = true;
        break;
      case "commit":
        if (args.some((arg) => /\[(skip ci|ci skip)\]/i.test(arg))) this.skipsPipeline = true;
        break;
    }
  }

  private configure(name: string, value: string | undefined): void {
    if (/^(credential\.|http\..*extraheader$|url\..*insteadof$)/i.test(name) && value !== "") this.helper = true;
    const [, remote] = /^remote\.(.+)\.(?:push)?url$/i.exec(name) ?? [];
    if (remote && value) this.remotes.set(remote, this.address(value));
  }

  private remote(args: readonly string[]): void {
    const [action, ...rest] = args.filter((arg) => !arg.startsWith("-"));
    // `-t BRANCH` and `-m BRANCH` stand before the name, so name and address are the last two.
    const [name, url] = action === "set-url" ? rest : rest.slice(-2);
    if ((action === "add" || action === "set-url") && name && url) this.remotes.set(name, this.address(url));
  }

  private clone(args: readonly string[]): void {
    const url = args.find((arg) => /:\/\/|^\S+@\S+:/.test(arg) || /\$/.test(arg));
    this.remotes.clear();
    this.remotes.set("origin", url ? this.address(url) : UNKNOWN);
    this.detached = false;
    this.repository = "own";
    this.complete = !args.some((arg) => /^--(depth|shallow)/.test(arg));
  }

  private checkout(args: readonly string[]): void {
    if (args.includes("--detach") || args.includes("--")) return;
    const creates = args.some((arg) => /^-[bBcC]$|^--(create|force-create|track|orphan)$/.test(arg));
    const names = args.filter((arg) => !arg.startsWith("-"));
    const commit = names.some((name) => /^[0-9a-f]{7,40}$|SHA\b|^HEAD/.test(name));
    if (creates || (names.length === 1 && !commit && names[0] !== ".")) this.detached = false;
  }

  private push(args: readonly string[]): void {
    const { flags, names } = optionsOf(args);
    const [where = "origin", ...named] = names;
    const remote = this.remotes.get(where) ?? (/:\/\/|@.*:/.test(where) ? this.address(where) : UNKNOWN);
    const strayRemote = this.remotes.has(where) ? undefined : named.find((name) => this.remotes.has(name));
    const refspecs = named.length > 1 ? named.filter((name) => name !== strayRemote) : named;
    const stray = strayRemote === undefined ? {} : { strayRemote };
    const all = refspecs.length === 0 && flags.some((flag) => /^--(tags|mirror|all)$/.test(flag));
    for (const refspec of refspecs.length > 0 ? refspecs : [undefined]) {
      const tags = all || /(^|:)refs\/tags\//.test(refspec ?? "");
      this.pushes.push({ ...this.circumstances(remote, flags), ...destination(refspec, flags), ...stray, tags });
    }
  }

  private circumstances({ credential, host, project }: Remote, flags: readonly string[]) {
    const helped = this.helper && credential.kind !== "variable";
    return {
      credential: helped ? ({ kind: "helper" } as const) : credential,
      ...(host === undefined ? {} : { host }),
      ...(project === undefined ? {} : { project }),
      detached: this.detached,
      repository: this.repository,
      complete: this.complete,
      skipsPipeline: this.skipsPipeline || flags.includes("ci.skip"),
    };
  }

  private address(url: string): Remote {
    const [, user, password, rest] = /^https?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(.*)$/.exec(url) ?? [];
    if (rest === undefined)
      return /^(ssh:|[\w.-]+@)/.test(url) ? { credential: { kind: "other", what: "SSH" } } : UNKNOWN;
    const path = rest.slice(rest.indexOf("/") + 1).replace(/(\.git)?\/?$/, "");
    const host = rest.split("/")[0] as string;
    return {
      credential: credentialOf(user, password),
      ...(isKnown(host) && host !== "" ? { host } : {}),
      ...(isKnown(path) && rest.includes("/") ? { project: path } : {}),
    };
  }
}

const UNKNOWN: Remote = { credential: { kind: "other", what: "an address that only the job knows" } };

function credentialOf(user: string | undefined, password: string | undefined): ScriptCredential {
  if (!password) return { kind: "none" };
  const [, key] = /^\$\{?(\w+)\}?$/.exec(password) ?? [];
  if (key === "CI_JOB_TOKEN") return { kind: "job-token", user };
  if (key) return { kind: "variable", key, user: user ?? "" };
  return { kind: "other", what: isKnown(password) ? "a literal password in the script" : "a computed password" };
}

const WITH_VALUE = /^(-o|--push-option|--repo|--receive-pack|--exec)$/;

function optionsOf(args: readonly string[]): { flags: string[]; names: string[] } {
  const flags: string[] = [];
  const names: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (WITH_VALUE.test(arg)) {
      at += 1;
      flags.push(args[at] ?? "");
    } else if (arg.startsWith("-"))
      flags.push(...(/^(-o|--push-option=)/.test(arg) ? [arg.replace(/^(-o|--push-option=)/, "")] : [arg]));
    else if (!/^\d*[<>]/.test(arg)) names.push(arg);
  }
  return { flags, names };
}

function destination(
  refspec: string | undefined,
  flags: readonly string[],
): Pick<ScriptPush, "branch" | "qualified" | "bare" | "force" | "deletes"> {
  const force =
    flags.some((flag) => /^(-[a-z]*f[a-z]*|--force.*|--mirror)$/.test(flag)) || Boolean(refspec?.startsWith("+"));
  const deletion = flags.includes("--delete") || flags.includes("-d");
  if (refspec === undefined) return { qualified: false, bare: true, force, deletes: false };
  const [from, to = from] = split(refspec.replace(/^\+/, ""), ":");
  const deletes = deletion || (from === "" && to !== "");
  const branch = to.replace(/^refs\/heads\//, "");
  return {
    ...(isKnown(branch) && branch !== "HEAD" ? { branch } : {}),
    qualified: to.startsWith("refs/heads/"),
    bare: !refspec.includes(":"),
    force,
    deletes,
  };
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
