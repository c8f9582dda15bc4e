import { readFileSync, realpathSync } from "node:fs";
import * as path from "node:path";
import type { GitRepository } from "../git-repository";
import type { Base } from "./base";
import { isNamedIn, pipelineTexts } from "./pipeline-files";

/**
 * Files beside the inventory that are others in the working tree than at a commit, and that may change what is deployed or how: the app and
 * whatever it may load, its packages, and what the pipeline is made of. Those that most depends on come first.
 * @throws CommandError with what git said
 */
export async function codeChanges(project: string, { repository, commit }: Base): Promise<string[]> {
  const below = path.relative(repository.root, realpathSync(project)).split(path.sep).join("/");
  const list = async (...args: string[]) => (await repository.must(args)).split("\0").filter((name) => name !== "");
  const [changed, added] = await Promise.all([
    list("diff", "--name-only", "-z", ...WHOLE, commit, "--"),
    list("ls-files", "--others", "--exclude-standard", "-z"),
  ]);
  const found = [...changed, ...added.filter((name) => LOADED.test(name))];
  const pipelines = below === "" ? [] : await pipelinesOf(repository, commit, list);
  return found
    .filter((name) => isCode(name, below, pipelines))
    .sort((a, b) => rank(a, below) - rank(b, below) || a.localeCompare(b, "en"));
}

/** Whatever somebody's settings, or `ignore` in a `.gitmodules`, would have Git leave out or ask another program for. */
const WHOLE = ["--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=none"];

/** Of what Git does not follow yet, what is read by itself, or by other code. */
const LOADED = /(?:\.(?:[cm]?[jt]s|hcl|ya?ml)|(?:^|\/)(?:\.npmrc|(?:cdktf|tsconfig|package(?:-lock)?)\.json))$/;

/** @param below path of the project in its repository. @param pipelines texts of the repository's pipeline, where it is not the project's own */
function isCode(name: string, below: string, pipelines: readonly string[]): boolean {
  if (below === "" || name.startsWith(`${below}/`)) return !BESIDE.test(inside(name, below));
  const folder = path.posix.dirname(name);
  const isAbove = folder === "." || below.startsWith(`${folder}/`);
  if (isAbove && FIRST.includes(path.posix.basename(name))) return true;
  return /^(?:ci|\.gitlab)\//.test(name) || isNamedIn(pipelines, name);
}

/** A path below the project; that in the repository of what is beside it. */
const inside = (name: string, below: string): string =>
  below !== "" && name.startsWith(`${below}/`) ? name.slice(below.length + 1) : name;

/** The inventory, which a review shows; tests, which nothing loads; and what people read. A requirements.txt is for programs. */
const BESIDE = /^(?:pushers\/[^/]+\.yaml|__tests__\/.*|LICENSE|.*\.(?:md|png|svg))$/;

const FIRST = [
  "main.ts",
  ".gitlab-ci.yml",
  "package.json",
  "package-lock.json",
  ".terraform.lock.hcl",
  ".npmrc",
  "cdktf.json",
  "tsconfig.json",
];

function rank(name: string, below: string): number {
  const own = inside(name, below);
  const index = FIRST.indexOf(own);
  if (index >= 0) return index;
  return PIPELINE.test(own) ? FIRST.length : FIRST.length + 1;
}

/** The places where pipelines keep what they include, that of `init` among them: of many files the first alone are told by name. */
const PIPELINE = /^(?:ci|templates|\.gitlab)\//;

/** Texts of the repository's pipelines, as they are and as they were: an include that was taken out changes the jobs too. */
async function pipelinesOf(
  repository: GitRepository,
  commit: string,
  list: (...args: string[]) => Promise<string[]>,
): Promise<string[]> {
  const [now, then] = await Promise.all([
    list("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...YAML),
    list("ls-tree", "-r", "--name-only", "--full-tree", "-z", commit),
  ]);
  const standing = async (name: string) => readText(path.join(repository.root, name));
  const earlier = async (name: string) => {
    const { code, stdout } = await repository.run(["show", `${commit}:${name}`]);
    return code === 0 ? stdout : undefined;
  };
  const yamlThen = then.filter((name) => /\.ya?ml$/.test(name));
  return [...(await pipelineTexts(now, standing)), ...(await pipelineTexts(yamlThen, earlier))];
}

const YAML = ["*.yml", "*.yaml"];

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
