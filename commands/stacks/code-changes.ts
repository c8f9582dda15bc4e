import { readFileSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";
import type { Base } from "./base";
import { codeOutside, isCodeIn } from "./code-outside";
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
  const around = below === "" ? NOTHING_AROUND : await aroundOf(below, { repository, commit }, list);
  return found
    .filter((name) => isCode(name, below, around))
    .sort((a, b) => rank(a, below) - rank(b, below) || a.localeCompare(b, "en"));
}

/** Whatever somebody's settings, or `ignore` in a `.gitmodules`, would have Git leave out or ask another program for. */
const WHOLE = ["--no-renames", "--no-relative", "--no-ext-diff", "--ignore-submodules=none"];

/** Of what Git does not follow yet, what is read by itself, or by other code. */
const LOADED = /(?:\.(?:[cm]?[jt]s|hcl|ya?ml)|(?:^|\/)(?:\.npmrc|(?:cdktf|tsconfig|package(?:-lock)?)\.json))$/;

/** The parts of a repository around a project that lies in a folder of it. */
interface Around {
  /** Texts of the repository's pipeline. */
  readonly pipelines: readonly string[];
  /** {@link codeOutside} of the project. */
  readonly code: readonly string[];
}

const NOTHING_AROUND: Around = { pipelines: [], code: [] };

/** @param below path of the project in its repository */
function isCode(name: string, below: string, { pipelines, code }: Around): boolean {
  if (below === "" || name.startsWith(`${below}/`)) return !BESIDE.test(inside(name, below));
  const folder = path.posix.dirname(name);
  const isAbove = folder === "." || below.startsWith(`${folder}/`);
  if (isAbove && FIRST.includes(path.posix.basename(name))) return true;
  return /^(?:ci|\.gitlab)\//.test(name) || isNamedIn(pipelines, name) || isCodeIn(code, name);
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

/** The pipelines as they are and as they were: an include that was taken out changes the jobs too. An import that was is a change of the project's own. */
async function aroundOf(
  below: string,
  { repository, commit }: Base,
  list: (...args: string[]) => Promise<string[]>,
): Promise<Around> {
  const [now, then] = await Promise.all([
    list("ls-files", "--cached", "--others", "--exclude-standard", "-z"),
    list("ls-tree", "-r", "--name-only", "--full-tree", "-z", commit),
  ]);
  const standing = (name: string) => readText(path.join(repository.root, name));
  const earlier = async (name: string) => {
    const { code, stdout } = await repository.run(["show", `${commit}:${name}`]);
    return code === 0 ? stdout : undefined;
  };
  const [yamlNow, yamlThen] = [now, then].map((names) => names.filter((name) => /\.ya?ml$/.test(name)));
  return {
    pipelines: [
      ...(await pipelineTexts(yamlNow!, async (name) => standing(name))),
      ...(await pipelineTexts(yamlThen!, earlier)),
    ],
    code: codeOutside(below, now, standing),
  };
}

/** Of plain files alone: a link to a device would be read for ever. */
function readText(file: string): string | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
