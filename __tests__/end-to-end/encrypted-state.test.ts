import { readFileSync, writeFileSync } from "node:fs";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository, type Run } from "../support/ops-repository";
import { secretsIn } from "../support/state-text";
import { fastCdktfJson } from "../support/swc-node";
import { IS_TOFU } from "../support/tested-terraform";

const TIMEOUT = 240_000;
const TOKENS = "/projects/xlink%2Fone/access_tokens?state=active";
const IN_GITLAB = "/projects/ops%2Fpushers/terraform/state/one";

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const stack = (expires: string): string =>
  `edition: free\npushers:\n  one:\n    target: xlink/one\n    token: {role: maintainer, expires: [${expires}]}\n    variable: {in: [xlink/one]}\n    branches: {main: {push: maintainer}}\n`;
const [FIRST, ROTATED] = [stack(`${day(100)}, ${day(200)}`), stack(`${day(300)}, ${day(200)}`)];

/** As docs/state.md has it. @param fallback also reads states that are not encrypted */
const encryption = (fallback: boolean): string => `
  key_provider "pbkdf2" "ops" {
    passphrase = "a passphrase of a test"
    iterations = 200000
  }
  method "aes_gcm" "ops" { keys = key_provider.pbkdf2.ops }
  method "unencrypted" "before" {}
  state {
    method = method.aes_gcm.ops
    ${fallback ? "fallback { method = method.unencrypted.before }" : ""}
  }
  plan { method = method.aes_gcm.ops }`;

let sandbox: Sandbox;
let ops: OpsRepository;
let api: ApiClient;
beforeAll(async () => {
  const files = { "README.md": "x\n" };
  const projects = ["ops/pushers", "xlink/one"].map((path) => ({ path, visibility: "private" as const, files }));
  sandbox = await Sandbox.start({ seed: { projects } });
  api = ApiClient.admin(sandbox);
  ops = new OpsRepository(sandbox);
  ops.write({ one: FIRST });
}, TIMEOUT);
afterAll(() => sandbox.stop());

function pusher(encrypts: string | undefined, ...args: string[]): Promise<Run> {
  const credentials = { TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: sandbox.adminToken };
  return ops.startAs({ TF_ENCRYPTION: encrypts, ...credentials }, ...args).ended;
}

const state = (): string => readFileSync(ops.file(".state/one.tfstate"), "utf8");
const living = async (): Promise<unknown[]> => (await api.get(TOKENS)).body as unknown[];

/** Only OpenTofu encrypts; Terraform does not know of it, and leaves states as they are. */
test(
  `GIVEN a plain state WHEN it is to be encrypted THEN ${IS_TOFU ? "it is, rotated and moved so, with every token" : "Terraform leaves it plain"}`,
  async () => {
    // GIVEN
    expect(await pusher(undefined, "deploy")).toMatchObject({ code: 0, stdout: "Deployed one.\n" });
    const tokens = secretsIn(state());
    expect(tokens.length).toBeGreaterThan(1);

    // WHEN a deploy changes nothing
    expect(await pusher(encryption(true), "deploy")).toMatchObject({ code: 0 });
    const isEncrypted = "encrypted_data" in JSON.parse(state());
    expect(isEncrypted).toBe(IS_TOFU);
    if (!isEncrypted) return;

    // THEN nobody reads it without the key, and with it nothing is to be done
    for (const token of tokens) expect(state()).not.toContain(token);
    expect(await pusher(undefined, "review", "--all")).toMatchObject({ code: 2, stdout: "" });
    expect(await pusher(encryption(false), "review", "--all", "--fail-on-changes")).toMatchObject({ code: 0 });

    // AND a rotation is reviewed, and deployed as reviewed
    ops.write({ one: ROTATED });
    const { digest, notes } = JSON.parse((await pusher(encryption(false), "review", "--all", "--json")).stdout);
    expect(notes).toContainEqual(expect.stringContaining("the state is encrypted"));
    expect(await pusher(encryption(false), "deploy", "--reviewed", digest)).toMatchObject({ code: 0 });
    expect(await living()).toHaveLength(2);

    // AND it goes to GitLab, where it is no plainer
    writeFileSync(ops.file("cdktf.json"), fastCdktfJson({ state: "gitlab", stateProject: "ops/pushers" }));
    const moved = await pusher(encryption(false), "state", "move", "--remove");
    expect(moved).toMatchObject({ code: 0, stdout: expect.stringContaining("one: moved to GitLab") });
    expect((await api.get(IN_GITLAB)).body).toMatchObject({ encrypted_data: expect.any(String) });
    expect(await pusher(encryption(false), "review", "--all", "--fail-on-changes")).toMatchObject({ code: 0 });
    expect(await living()).toHaveLength(2);
  },
  TIMEOUT,
);
