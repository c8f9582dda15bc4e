import { readFileSync } from "node:fs";
import * as path from "node:path";
import { S3Backend } from "cdktf";
import { processContext } from "../../commands/context";
import { pusherCommand } from "../../commands/main";
import { stateSettings } from "../../state/state-settings";
import { config, testStack } from "../support/synth";

const PAGE = readFileSync(path.join(__dirname, "../../docs/state.md"), "utf8");
const blocks = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1]!);

describe("docs/state.md", () => {
  test("its context for cdktf.json is understood", () => {
    const [written, ...others] = blocks("json").map((text) => JSON.parse(text) as { context: Record<string, unknown> });
    expect(others).toEqual([]);
    expect(stateSettings(written!.context, { GITLAB_BASE_URL: "https://gitlab.example.com" })).toMatchObject({
      kind: "gitlab",
      project: "ops/pushers",
    });
  });

  test("its backend of one's own is synthesized, and the synth warns", () => {
    const stack = testStack();
    new Function("S3Backend", "stack", "file", blocks("ts")[0]!)(S3Backend, stack, { stack: "ops" });
    expect(config(stack).terraform).toMatchObject({
      backend: { s3: { bucket: "ops-states", key: "pushers/ops.tfstate", encrypt: true, use_lockfile: true } },
    });
    expect(stack.hidesState).toBe(true);
  });

  test("names commands that exist", () => {
    const named = [...PAGE.matchAll(/`?(?:npx )?pusher (\w+)/g)].map((match) => match[1]!);
    const known = pusherCommand(processContext()).commands.map((command) => command.name());
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
