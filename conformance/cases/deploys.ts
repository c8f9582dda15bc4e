import { stringify } from "yaml";
import type { OpsRepository } from "../../demo/ops-repository";
import { newestFor } from "../../gitlab/provider-major";
import { type Case, NotTried } from "../case";
import { inDays } from "../days";
import type { ServerFacts } from "../result";
import { field } from "../server";
import { LEVEL, type Project, type Stage, succeeded } from "../stage";

const KEY = "GITLAB_PUSHER_TOKEN";

/** One pusher of a project, for itself. @param expires days from today, by slot */
const inventoryOf = (project: Project, { edition, package: installed }: ServerFacts, expires: readonly number[]) =>
  stringify({
    edition,
    package: installed,
    deletion_protection: false,
    pushers: {
      bot: {
        target: project.path,
        token: { role: "developer", expires: expires.map(inDays) },
        variable: { key: KEY, in: [project.path] },
        branches: { [project.branch]: { push: "developer" }, "release/*": { push: "developer" } },
      },
    },
  });

/** The words of a Terraform that did not get its provider, of either product. */
const NO_PROVIDER =
  /Failed to (?:query available|install) provider|could not connect to registry|registry service is unreachable/i;

/** Deploys, as far as the provider can be had. @returns undefined: done; else what was said */
async function deploy(ops: OpsRepository): Promise<string | undefined> {
  const { code, output } = await ops.npx("gitlab-ci-pusher", "deploy");
  if (code === 0) return undefined;
  if (NO_PROVIDER.test(output.replace(/[│\s]+/g, " "))) throw new NotTried(`the provider was not there: ${output}`);
  return output.trimEnd();
}

/** The exit code of a review that fails on changes. */
const reviewed = async (ops: OpsRepository): Promise<number | null> =>
  (await ops.npx("gitlab-ci-pusher", "review", "--all", "--fail-on-changes")).code;

async function tokens(stage: Stage, project: Project): Promise<unknown[]> {
  const { body } = await stage.server.get(project.at("access_tokens"), { state: "active" });
  if (!Array.isArray(body)) return [body];
  const active = (body as unknown[]).filter((each) => field(each, "active") === true);
  return active
    .map((each) => Object.fromEntries(["name", "scopes", "access_level"].map((key) => [key, field(each, key)])))
    .sort((a, b) => String(a.name).localeCompare(String(b.name)));
}

async function variable(stage: Stage, project: Project): Promise<unknown> {
  const { body } = await stage.server.get(project.at("variables", KEY));
  // No line of the run shows it.
  const value = field(body, "value");
  if (typeof value === "string") stage.server.secrets.add(value);
  return body;
}

/** The articles' story: a pusher is deployed, pushes, is set right, rotated and taken away. */
async function story(stage: Stage, facts: ServerFacts): Promise<unknown> {
  const project = await stage.project();
  const ops = await stage.ops({
    inventory: inventoryOf(project, facts, [60, 30]),
    context: { provider: newestFor(facts.version) },
  });

  const refused = await deploy(ops);
  if (refused !== undefined) return { deploy: refused };
  const first = await variable(stage, project);
  const made = { tokens: await tokens(stage, project), variable: first };
  const value = String(field(first, "value"));
  const pushed = await stage.push(project, `HEAD:${project.branch}`, value);
  const withoutToken = await stage.push(project, `HEAD:${project.branch}`, "glpat-of-nobody");
  const unchanged = await reviewed(ops);

  const rule = project.at("protected_branches", project.branch);
  succeeded("a force push by hand", await stage.server.patch(rule, { allow_force_push: true }));
  const drift = { seen: await reviewed(ops), repaired: await deploy(ops) };
  const { body: mended } = await stage.server.get(rule);

  await ops.setExpiry(1, inDays(90), "bot");
  const rotated = await deploy(ops);
  const next = String(field(await variable(stage, project), "value"));
  const old = await stage.push(project, `HEAD:${project.branch}`, value);
  const own = await stage.push(project, `HEAD:${project.branch}`, next);

  await ops.edit((inventory) => inventory.set("pushers", {}));
  const emptied = await deploy(ops);
  const { body: variables } = await stage.server.get(project.at("variables"));
  return {
    made,
    pushed,
    withoutToken,
    unchanged,
    drift: { ...drift, forcePush: field(mended, "allow_force_push") },
    rotation: { said: rotated, isOther: next !== value, old, own },
    end: { said: emptied, tokens: await tokens(stage, project), variables },
  };
}

const PUSHED = { pushed: true };
const slot = (name: string) => ({ name, scopes: ["write_repository"], access_level: LEVEL.developer });

export const DEPLOYS: readonly Case[] = [
  {
    name: "of a pusher by Terraform and its provider make, mend, rotate and take away what was declared",
    relies: "The product as a whole: what the provider makes of a declaration is what the bot then pushes with.",
    steps: story,
    expected: {
      made: {
        tokens: [slot("GITLAB_CI_PUSHER"), slot("GITLAB_CI_PUSHER_B")],
        variable: { key: KEY, protected: true, masked: true, raw: true },
      },
      pushed: PUSHED,
      withoutToken: { pushed: false, refused: 401 },
      unchanged: 0,
      drift: { seen: 1, repaired: undefined, forcePush: false },
      rotation: { said: undefined, isOther: true, old: PUSHED, own: PUSHED },
      end: { said: undefined, tokens: [], variables: [] },
    },
  },
];
