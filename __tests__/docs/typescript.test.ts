import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { exampleInventory } from "../../demo/example";
import { SWC_REGISTER } from "../support/swc-node";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");
const PAGE = readFileSync(path.join(ROOT, "docs/typescript.md"), "utf8");
const [whole, own, parts] = [...PAGE.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);

/** Runs a program in an ops repository of its own, which has this project as its package, and gives what it synthesized for the stack. */
function synthesize(program: string, stack: string): Record<string, unknown> {
  const folder = outdir();
  for (const name of ["tsconfig.json", "node_modules"]) symlinkSync(path.join(ROOT, name), path.join(folder, name));
  mkdirSync(path.join(folder, "pushers"));
  writeFileSync(path.join(folder, "pushers/example.yaml"), exampleInventory());
  mkdirSync(path.join(folder, "clock"));
  // The page's dates are literal, as dates in an inventory are: the program is run on a day they were written for.
  const clock = `const RealDate = Date; globalThis.Date = class extends RealDate { constructor(...a) { a.length ? super(...a) : super("2026-12-01T12:00:00Z"); } };`;
  writeFileSync(path.join(folder, "clock/clock.js"), clock);
  const index = JSON.stringify(path.join(ROOT, "index"));
  writeFileSync(path.join(folder, "main.ts"), program.replace(/"gitlab-ci-pusher"|"\.\/index"/, index));
  const env = { ...process.env, GITLAB_BASE_URL: "https://gitlab.example.com", NODE_OPTIONS: "" };
  execFileSync(process.execPath, ["--require", "./clock/clock.js", "--require", SWC_REGISTER, "main.ts"], {
    cwd: folder,
    env,
    stdio: "pipe",
  });
  return JSON.parse(readFileSync(path.join(folder, `cdktf.out/stacks/${stack}/cdk.tf.json`), "utf8"));
}

describe("docs/typescript.md", () => {
  test("its first program synthesizes what the inventory of README.md does, address for address", () => {
    const main = readFileSync(path.join(ROOT, "main.ts"), "utf8");
    expect(synthesize(whole!, "example").resource).toEqual(synthesize(main, "example").resource);
  });

  test("its second program adds to what the inventory declares, and changes nothing of it", () => {
    const { resource, ...rest } = synthesize(own!, "example");
    const { gitlab_project_label: labels, ...others } = resource as Record<string, unknown>;
    expect(others).toEqual(synthesize(whole!, "example").resource);
    expect(labels).toMatchObject({ Label: { project: "xlink/shop", name: "pushes from CI" } });
    expect(rest.terraform).toMatchObject({ backend: { s3: { key: "pushers/example.tfstate" } } });
  });

  test("its third program names the bot in a rule", () => {
    const { resource } = synthesize(parts!, "charts") as { resource: Record<string, Record<string, unknown>> };
    expect(resource.gitlab_branch_protection!.Main).toMatchObject({
      allowed_to_push: [{ user_id: "${gitlab_project_access_token.Token.user_id}" }],
    });
    expect(resource.gitlab_group_variable!.Variable).toMatchObject({ group: "xlink/apps", key: "CHARTS_TOKEN" });
  });
});
