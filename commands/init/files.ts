import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { ProviderMajor } from "../../gitlab/provider-major";
import { INSTALLED_SCHEMA } from "../editor-schema";
import type { Package } from "../package";
import type { Settings } from "./settings";

/** The owner of a file once it is written. */
type Owner =
  /** The people of the ops repository change it: an update leaves it alone. */
  | "theirs"
  /** It comes from the package, and an update brings the newer one. */
  | "package";

/** One file of an ops repository. */
export interface OpsFile {
  /** Below the repository's folder, with `/`. */
  readonly name: string;
  readonly text: string;
  readonly owner: Owner;
}

export interface FilesOptions {
  readonly settings: Settings;
  readonly own: Package;
  /** Name of the repository's folder, or that of the package in it. */
  readonly folder: string;
  /** The day on which the example's tokens are not yet dead. */
  readonly today: Date;
  /** cdktf's id of the repository. @default - a new one */
  readonly projectId?: string;
  /** Major version of GitLab's provider that is asked for. @default - none: the one that is locked */
  readonly provider?: ProviderMajor;
  /** Tells whether Community Edition is installed. @default false */
  readonly isCommunity?: boolean;
  /** Tells whether an inventory is written by others. @default false */
  readonly hasInventory?: boolean;
}

/** The files of an ops repository. */
export function opsFiles(options: FilesOptions): OpsFile[] {
  const { settings, own, hasInventory = false } = options;
  return [
    { name: "main.ts", text: MAIN, owner: "theirs" },
    { name: "cdktf.json", text: json(cdktfJson(options)), owner: "theirs" },
    { name: "package.json", text: json(packageJson(options)), owner: "theirs" },
    { name: ".npmrc", text: NPMRC, owner: "theirs" },
    { name: "tsconfig.json", text: json(TSCONFIG), owner: "theirs" },
    { name: ".gitignore", text: GITIGNORE, owner: "theirs" },
    { name: ".gitlab-ci.yml", text: pipeline(settings, own), owner: "theirs" },
    ...(hasInventory ? [] : [{ name: EXAMPLE, text: example(options), owner: "theirs" } as const]),
    ...(settings.component === undefined
      ? [{ name: PIPELINE, text: readFileSync(path.join(own.root, PIPELINE), "utf8"), owner: "package" } as const]
      : []),
    { name: "help", text: help(settings), owner: "package" },
  ];
}

const PIPELINE = "templates/ops.yml";
const EXAMPLE = "pushers/example.yaml";

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const MAIN = `import { failWith, synthesizeInventory } from "gitlab-ci-pusher";

/** The ops repository's stacks: one for each file in pushers/. Settled when they are written, or when it is said what is wrong with them. */
export const synthesized = synthesizeInventory("pushers").catch(failWith);
`;

const NPMRC = "engine-strict=true\nignore-scripts=true\n";

const GITIGNORE = `node_modules/
cdktf.out/
.state/
.terraform/
.bin/
terraform.log
# what a job of the pipeline leaves
/.npm/
/.plugin-cache/
/review/
`;

const TSCONFIG = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023"],
    module: "node16",
    moduleResolution: "node16",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
  include: ["*.ts"],
};

/** The compiler of main.ts, which loads in a tenth of ts-node's time. */
const COMPILER = "sucrase";

const cdktfJson = ({ settings: { stateProject }, projectId = randomUUID(), provider }: FilesOptions): object => ({
  language: "typescript",
  app: `node --require ${COMPILER}/register/ts main.ts`,
  projectId,
  sendCrashReports: "false",
  terraformProviders: [],
  terraformModules: [],
  context: {
    ...(stateProject !== undefined && { state: "gitlab", stateProject }),
    ...(provider !== undefined && { provider }),
  },
});

/** The part of cdktf's command line that has no build for Node 24; another one is taken in its place. */
const TERMINAL = "@cdktf/node-pty-prebuilt-multiarch";

/** A package.json whose development dependencies are only for people at their machines: the pipeline installs none of them. */
function packageJson({ own, folder }: FilesOptions): object {
  const as = (...names: string[]) => Object.fromEntries(names.map((name) => [name, own.devDependencies[name]]));
  return {
    name: packageName(folder),
    private: true,
    engines: { node: ">=20.9" },
    dependencies: {
      ...as("@cdktf/provider-gitlab", "cdktf", "constructs"),
      "gitlab-ci-pusher": `^${own.version}`,
      ...as(COMPILER),
    },
    devDependencies: as("cdktf-cli"),
    overrides: { [TERMINAL]: own.overrides[TERMINAL] },
  };
}

/** @see https://docs.npmjs.com/cli/configuring-npm/package-json#name */
const packageName = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 100) || "pushers";

const pipeline = ({ component }: Settings, { version }: Package): string =>
  component === undefined
    ? `# Plans in merge requests, deploys what was reviewed. ${PIPELINE} comes with gitlab-ci-pusher, and a newer one by
# npx gitlab-ci-pusher init --update. How to set the project up: docs/ops-repository.md of gitlab-ci-pusher.
include:
  - local: ${PIPELINE}
    inputs:
      install: ["${INSTALL}"]
`
    : `# Plans in merge requests, deploys what was reviewed. How to set the project up: docs/ops-repository.md of gitlab-ci-pusher.
include:
  - component: $CI_SERVER_FQDN/${component}/ops@${version}
    inputs:
      install: ["${INSTALL}"]
`;

const INSTALL = "npm ci --omit=dev --no-audit --no-fund --prefer-offline --cache .npm";

function example({ settings: { edition }, today, isCommunity = false }: FilesOptions): string {
  const inDays = (days: number) => new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
  return `# yaml-language-server: $schema=${INSTALLED_SCHEMA}
#
# One file = one stack = one Terraform state, named after the file. Change it in a merge request, review, deploy.

edition: ${edition} # free | premium: which GitLab features may be used
${isCommunity && edition === "free" ? "package: ce # what is installed\n" : ""}
pushers: {}

# A pusher: take the marks off, and "{}" above.
#
#  gitops:                               # the id: a new name needs "was: gitops"
#    target: xlink/xlink-k8s-gitops      # where the push goes; its token may write there and nowhere else
#    token:
#      role: developer
#      expires: [${inDays(340)}, ${inDays(160)}]   # two slots; to rotate, bump the earlier date
#    variable:
#      key: GITLAB_PUSHER_TOKEN          # masked and protected
#      in: [xlink/shop]                  # whose pipelines push
#    branches:
#      main: { push: developer, merge: maintainer }
#      release/*: { push: developer }
`;
}

const RULER = "=".repeat(120);

const help = ({ gitlab }: Settings): string => `${RULER}

  An ops repository of gitlab-ci-pusher: who may push where from CI, declared, reviewed, rotated.

  Once on a machine:
    npm install
    export GITLAB_BASE_URL=${gitlab}
    read -rs GITLAB_TOKEN && export GITLAB_TOKEN      a personal access token with scope api, of a Maintainer of the projects
    export TERRAFORM_BINARY_NAME=$(npx gitlab-ci-pusher terraform)      for cdktf; fetches Terraform where there is none
    npx gitlab-ci-pusher providers lock               the provider's release, in .terraform.lock.hcl: commit it

  What is there:
    npx gitlab-ci-pusher discover <group>             who may push where today; --write pushers: as an inventory
    npx gitlab-ci-pusher report <group> --html report.html
    npx gitlab-ci-pusher status                       every token, variable and rule of the inventory

  A change: edit pushers/*.yaml, then
    npx gitlab-ci-pusher check                        the inventory alone, in seconds
    npx gitlab-ci-pusher review --out review          what a deploy would do, dangers first
    npx gitlab-ci-pusher deploy --reviewed review     that and nothing else
    npx cdktf diff | deploy <stack>                   the same by cdktf, which plans anew and applies what it finds then

  Rotate: npx gitlab-ci-pusher rotate --due, review, deploy.
  A push is refused: npx gitlab-ci-pusher doctor <pusher>, or doctor --job-log FILE.
  A newer release: npm update gitlab-ci-pusher, npx gitlab-ci-pusher init --update.

${RULER}
`;
