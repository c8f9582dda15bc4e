import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execute, must } from "./command";
import { ROOT, withFolder } from "./ops-repository";
import { print } from "./print";
import { withSandbox } from "./sandbox";

/** The release of cdktf's successor that is tried. */
const CDKTN = "0.24.0";

/** Places in which the app runs: as it is, and with cdktf's successor under cdktf's name. */
const KINDS = ["cdktf", "cdktn"] as const;
type Kind = (typeof KINDS)[number];

/** An app of one's own: its main.ts, or the inventory of the usual one. */
interface Example {
  readonly name: string;
  readonly main?: string;
  readonly inventory?: string;
}

/**
 * Tells whether cdktf's successor can take its place without a change of source: the package is packed and installed with each of the two from
 * npm's registry, every inventory and app that this project shows is synthesized by both, and what one deployed is planned by the other one.
 * It fails where they differ.
 */
export async function cdktn(): Promise<void> {
  await withFolder(async (folder) => {
    const packed = await pack(folder);
    for (const kind of KINDS) await install(path.join(folder, kind), kind, packed);
    const installed = await versionsIn(path.join(folder, "cdktn"));
    print(`cdktn: an alias and one override, nothing else: ${installed}`);

    const differing: string[] = [];
    for (const example of examples()) {
      const [one, other] = [await synthesized(folder, "cdktf", example), await synthesized(folder, "cdktn", example)];
      const verdict = isDeepStrictEqual(one, other) ? "the same" : "DIFFERENT";
      const what = typeof one === "string" ? `refused: ${one}` : `${resourcesOf(one)} resources`;
      print(`  ${example.name}: ${verdict} (${what})`);
      if (verdict !== "the same") differing.push(example.name);
    }
    for (const [first, second] of [KINDS, [...KINDS].reverse()] as [Kind, Kind][]) {
      const said = await deployedByTheOther(folder, first, second);
      print(`  deployed by ${first}, planned by ${second}: ${said}`);
      if (said !== NO_CHANGES) differing.push(`${first} to ${second}`);
    }
    if (differing.length > 0) throw new Error(`got differences in ${differing.join(", ")}; allowed: none`);
  });
}

/** Compiles and packs this checkout as npm would publish it. @returns the file */
async function pack(folder: string): Promise<string> {
  const stage = path.join(folder, "stage");
  const { files, version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  for (const name of ["package.json", "README.md", "LICENSE", ...files]) {
    const from = path.join(ROOT, name);
    if (name !== "dist" && existsSync(from)) cpSync(from, path.join(stage, name), { recursive: true });
  }
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const project = path.join(ROOT, "tsconfig.build.json");
  const out = path.join(stage, "dist");
  await must([process.execPath, tsc, "--project", project, "--noCheck", "--outDir", out], {
    cwd: ROOT,
    env: process.env,
  });
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder] as const;
  await must(["npm", ...args], { cwd: stage, env: process.env });
  return path.join(folder, `gitlab-ci-pusher-${version}.tgz`);
}

async function install(folder: string, kind: Kind, packed: string): Promise<void> {
  const { devDependencies: own } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const as = (...names: string[]) => Object.fromEntries(names.map((name) => [name, own[name]]));
  mkdirSync(folder);
  const manifest = {
    private: true,
    dependencies: {
      ...as("@cdktf/provider-gitlab", "cdktf", "constructs", "sucrase"),
      "gitlab-ci-pusher": `file:${packed}`,
      ...(kind === "cdktn" ? { cdktf: `npm:cdktn@${CDKTN}` } : {}),
    },
    ...(kind === "cdktn" ? { overrides: { cdktf: "$cdktf" } } : {}),
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const settings = { language: "typescript", app: `node ${APP.join(" ")}`, context: {} };
  writeFileSync(path.join(folder, "cdktf.json"), JSON.stringify(settings));
  await must(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, env: process.env });
}

const APP = ["--require", "sucrase/register/ts", "main.ts"];

/** Names and releases of the packages that are behind the names, as they say themselves. */
async function versionsIn(folder: string): Promise<string> {
  const manifests = ["cdktf", "constructs", "@cdktf/provider-gitlab"].map((name) => {
    const file = path.join(folder, "node_modules", name, "package.json");
    const { name: own, version } = JSON.parse(readFileSync(file, "utf8"));
    return `${own} ${version}${own === name ? "" : ` as ${name}`}`;
  });
  return manifests.join(", ");
}

/** The inventories and apps that this project shows. */
function examples(): Example[] {
  const text = (name: string) => readFileSync(path.join(ROOT, name), "utf8");
  const shipped = readdirSync(path.join(ROOT, "pushers"))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ name: `pushers/${name}`, inventory: text(`pushers/${name}`) }));
  const pages = ["README.md", ...readdirSync(path.join(ROOT, "docs")).map((name) => `docs/${name}`)];
  const shown = pages
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => [
      ...blocks(text(name), /```yaml\n(edition:[\s\S]*?)```/g).map((inventory) => ({ name, inventory })),
      ...blocks(text(name), /```ts\n([\s\S]*?)```/g)
        .filter((main) => main.includes("new App("))
        .map((main) => ({ name, main })),
    ])
    .map((example, i) => ({ ...example, name: `${example.name}, example ${i + 1}` }));
  return [...shipped, ...shown];
}

const blocks = (page: string, fence: RegExp): string[] => [...page.matchAll(fence)].map(([, block]) => block as string);

const USUAL = `import { failWith, synthesizeInventory } from "gitlab-ci-pusher";
export const synthesized = synthesizeInventory("pushers").catch(failWith);
`;

function writeExample(folder: string, { main = USUAL, inventory }: Omit<Example, "name">): void {
  for (const name of ["pushers", "cdktf.out"]) rmSync(path.join(folder, name), { recursive: true, force: true });
  mkdirSync(path.join(folder, "pushers"));
  if (inventory !== undefined) writeFileSync(path.join(folder, "pushers/example.yaml"), inventory);
  writeFileSync(path.join(folder, "main.ts"), main);
}

type Stack = Readonly<Record<string, unknown>>;

/** The stacks of an example without cdktf's own notes; or the first line of why there are none. */
async function synthesized(root: string, kind: Kind, example: Example): Promise<Record<string, Stack> | string> {
  const folder = path.join(root, kind);
  writeExample(folder, example);
  const env = { ...process.env, GITLAB_BASE_URL: "https://gitlab.example.com", GITLAB_TOKEN: undefined };
  const { code, stderr } = await execute([process.execPath, ...APP], { cwd: folder, env });
  if (code !== 0) return stderr.trim().split("\n").slice(0, 2).join(" ").slice(0, 200);
  const stacks = path.join(folder, "cdktf.out/stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((name) => {
      const { "//": _, ...stack } = JSON.parse(readFileSync(path.join(stacks, name, "cdk.tf.json"), "utf8"));
      return [name, stack];
    }),
  );
}

const resourcesOf = (stacks: Record<string, Stack>): number =>
  Object.values(stacks)
    .flatMap(({ resource = {} }) => Object.values(resource as object))
    .reduce((sum, named) => sum + Object.keys(named).length, 0);

const NO_CHANGES = "no changes";

/** Deploys this project's example by one into a sandbox, and reviews it by the other one. @returns what that one would change */
async function deployedByTheOther(root: string, first: Kind, second: Kind): Promise<string> {
  const inventory = readFileSync(path.join(ROOT, "pushers/example.yaml"), "utf8");
  return withSandbox(
    async (gitlab) => {
      const env = { ...process.env, ...gitlab, TF_CLI_CONFIG_FILE: undefined };
      for (const kind of KINDS) {
        writeExample(path.join(root, kind), { inventory });
        rmSync(path.join(root, kind, ".state"), { recursive: true, force: true });
      }
      await must(command("deploy"), { cwd: path.join(root, first), env });
      cpSync(path.join(root, first, ".state"), path.join(root, second, ".state"), { recursive: true });
      const { code, stdout, stderr } = await execute(command("review", "--all", "--fail-on-changes"), {
        cwd: path.join(root, second),
        env,
      });
      return code === 0 ? NO_CHANGES : `ended with ${code}:\n${stdout}${stderr}`;
    },
    { seed: "demo/seed.yaml" },
  );
}

const command = (...args: string[]): [string, ...string[]] => [
  process.execPath,
  "node_modules/gitlab-ci-pusher/bin/gitlab-ci-pusher.js",
  ...args,
];
