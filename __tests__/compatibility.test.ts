import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { processContext } from "../commands/context";
import { ExitCode } from "../commands/exit-code";
import { pusherCommand } from "../commands/main";
import * as api from "../index";
import { jsonSchema } from "../inventory/json-schema";

/** What users rely on within a major release: a line may come, none may go or be renamed. Addresses in Terraform are held by constructs/ci-pusher. */
describe("what does not break in a minor release", () => {
  const holds = (now: readonly string[], promised: readonly string[]) =>
    expect(promised.filter((name) => !now.includes(name))).toEqual([]);

  test("what the package exports", () => {
    holds(Object.keys(api), [
      "ApiClient",
      "CiPusher",
      "Expression",
      "InventoryError",
      "PushRule",
      "PushToken",
      "PushVariable",
      "PusherStack",
      "TagRule",
      "ValidationError",
      "adoptLeftovers",
      "failWith",
      "findOwners",
      "readStackStates",
      "synthesizeInventory",
    ]);
  });

  test("the names and options of the commands", () => {
    const commands = pusherCommand(processContext()).commands;
    const named = commands.flatMap((command) => [
      command.name(),
      ...command.commands.map((inner) => `${command.name()} ${inner.name()}`),
      ...command.options.map(({ long }) => `${command.name()} ${long}`),
    ]);
    holds(named, [
      ...["check", "completion", "deploy", "discover", "doctor", "init", "report", "review", "rotate", "status"],
      ...["providers lock", "state lock", "state move", "state push", "state restore", "terraform"],
      ...[
        "check --json",
        "deploy --base",
        "deploy --json",
        "deploy --reviewed",
        "deploy --shard",
        "deploy --store-timeout",
      ],
      ...[
        "discover --json",
        "discover --write",
        "doctor --job-log",
        "doctor --json",
        "doctor --key",
        "doctor --project",
      ],
      ...["init --component", "init --discover", "init --dry-run", "init --edition", "init --gitlab", "init --state"],
      ...[
        "init --update",
        "report --html",
        "review --all",
        "review --base",
        "review --fail-on-changes",
        "review --json",
      ],
      ...["review --note", "review --out", "review --reviewed", "review --shard", "rotate --commit", "rotate --due"],
      ...["rotate --json", "rotate --merge-request", "status --fail-under", "status --ics", "status --json"],
    ]);
  });

  test("exit codes", () => {
    expect(ExitCode).toMatchObject({ ok: 0, finding: 1, usage: 2, nothing: 3, defect: 70 });
  });

  test("the keys of the inventory", () => {
    interface Schema {
      readonly properties?: Readonly<Record<string, Schema>>;
      readonly additionalProperties?: Schema | boolean;
    }
    const keysOf = ({ properties = {}, additionalProperties: rest }: Schema): string[] => [
      ...Object.entries(properties).flatMap(([key, below]) => [
        key,
        ...keysOf(below).map((inner) => `${key}.${inner}`),
      ]),
      ...(typeof rest === "object" ? keysOf(rest).map((key) => `*.${key}`) : []),
    ];
    holds(keysOf(jsonSchema() as Schema), [
      ...["edition", "defaults", "deletion_protection", "ignore", "pushers", "token_lifetime_limit", "was"],
      ...["target", "was", "token", "variable", "branches", "tags", "unprotected_branches"].map(
        (key) => `pushers.*.${key}`,
      ),
      ...["name", "role", "expires", "allow_interruption"].map((key) => `pushers.*.token.${key}`),
      ...["key", "in", "environment", "hidden", "import", "protected"].map((key) => `pushers.*.variable.${key}`),
      ...["push", "merge", "unprotect", "allowed_to_push", "allowed_to_merge", "allowed_to_unprotect", "with"].map(
        (key) => `pushers.*.branches.*.${key}`,
      ),
      ...["force_push", "code_owner_approval", "guard", "import"].map((key) => `pushers.*.branches.*.${key}`),
      ...["create", "allowed_to_create", "guard", "with"].map((key) => `pushers.*.tags.*.${key}`),
    ]);
  });

  test.each([
    ["ops", ["image", "install", "test", "jobs", "fail-under", "due"]],
    [
      "push",
      [
        "job",
        "stage",
        "image",
        "rules",
        "target",
        "branch",
        "script",
        "message",
        "name",
        "email",
        "variable",
        "retries",
      ],
    ],
  ])("the inputs of templates/%s.yml", (name, promised) => {
    const text = readFileSync(path.join(__dirname, `../templates/${name}.yml`), "utf8");
    const [header] = parseAllDocuments(text);
    holds(Object.keys(header!.toJS().spec.inputs), promised);
  });
});
