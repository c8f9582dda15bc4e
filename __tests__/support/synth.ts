import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { App, Testing } from "cdktf";
import { PusherStack, type PusherStackProps } from "../../constructs";
import { DeployedState } from "../../state/deployed-state";
import type { StackState } from "../../state/stack-state";

/** The instant all construct tests are run at. */
export const NOW = new Date("2030-01-10T12:00:00Z");

/** A GitLab that is not gitlab.com. */
export const GITLAB = "https://gitlab.example.com";

type Attributes = Record<string, unknown>;
export type Config = Record<string, unknown> & { resource?: Record<string, Record<string, Attributes>> };

/** A new stack `ops` in a throw-away app, at {@link NOW}, for a GitLab of one's own. */
export function testStack(
  props: PusherStackProps = {},
  app = new App({ stackTraces: false, outdir: outdir() }),
): PusherStack {
  return new PusherStack(app, "ops", {
    now: NOW,
    baseUrl: GITLAB,
    state: stateOf(undefined),
    ...props,
  });
}

/** The state of a stack `ops` in a file with this text, as an app finds it; undefined is none. */
export function stateOf(text: string | undefined): StackState {
  const deployed = DeployedState.fromText(text, { name: "the state", mend: "mend it" });
  return { backend: { kind: "local", file: path.join(outdir(), "state/ops.tfstate") }, deployed };
}

/** The state of a stack `ops` with these resources. */
export const stateWith = (resources: readonly object[]): StackState =>
  stateOf(JSON.stringify({ version: 4, resources }));

/** What Terraform would read, after all checks have passed. */
export function config(stack: PusherStack): Config {
  stack.prepareStack();
  return JSON.parse(Testing.synth(stack, true)) as Config;
}

/** The problems a synth reports, one line each; none when it passes. */
export function problems(stack: PusherStack): string[] {
  try {
    config(stack);
    return [];
  } catch (error) {
    return (error as Error).message
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

/** All resources of a type, by name. */
export const resources = (stack: PusherStack, type: string): Record<string, Attributes> =>
  config(stack).resource?.[type] ?? {};

/** The only resource of a type whose name starts with `prefix`. */
export function resource(stack: PusherStack, type: string, prefix = ""): Attributes {
  const found = Object.entries(resources(stack, type)).filter(([name]) => name.startsWith(prefix));
  expect(found.map(([name]) => name)).toHaveLength(1);
  return found[0]![1];
}

const made: string[] = [];

/** A throw-away folder, removed when the tests of the file are done. */
export function outdir(): string {
  made.push(mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-test-")));
  return made.at(-1) as string;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
