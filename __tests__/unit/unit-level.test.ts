import { spawnSync } from "node:child_process";
import * as path from "node:path";

const heavierTests = require("./heavier-tests") as (files?: readonly string[]) => string[];
const forbidPrograms = require("./forbidden-programs") as (environment: NodeJS.ProcessEnv) => () => void;

const testFile = (name: string) => path.join(__dirname, "..", `${name}.test.ts`);

describe("the unit tests", () => {
  test("are those that do not lead to Terraform or Git's server", () => {
    const heavier = ["end-to-end/providers", "demo/demo", "commands/rotate-deploy", "sandbox/git/push"].map(testFile);
    const unit = ["gitlab/release", "sandbox/git/object-reader", "commands/rotate"].map(testFile);
    expect(heavierTests([...unit, ...heavier])).toEqual(heavier);
  });

  test("GIVEN one that starts them all the same, by whatever program, THEN they refuse, and the run fails", () => {
    const environment = { PATH: process.env.PATH, TERRAFORM_BINARY_NAME: "/somewhere/terraform" };
    const end = forbidPrograms(environment);
    const run = (command: string) => spawnSync("sh", ["-c", command], { env: environment, encoding: "utf8" });

    expect(run("terraform plan -no-color")).toMatchObject({
      status: 1,
      stderr: "a unit test started terraform plan\n",
    });
    expect(run("git receive-pack --stateless-rpc .")).toMatchObject({
      status: 1,
      stderr: "a unit test started git receive-pack\n",
    });
    expect(run("git --version").status).toBe(0);
    expect(environment).not.toHaveProperty("TERRAFORM_BINARY_NAME");

    expect(end).toThrow(
      /^got Terraform or Git's server, .*:\nterraform plan -no-color\ngit receive-pack --stateless-rpc \.\n$/s,
    );
  });

  test("GIVEN none that does THEN the run passes", () => {
    expect(forbidPrograms({ PATH: process.env.PATH })).not.toThrow();
  });

  test("GIVEN that one did THEN it is known before the temporary files go, which go all the same", () => {
    const ended: string[] = [];
    Object.assign(globalThis, {
      allowPrograms: () => {
        ended.push("programs");
        throw new Error("one was started");
      },
      giveBackHome: () => ended.push("home"),
      giveBackMemory: () => ended.push("memory"),
    });
    expect(require("./global-teardown")).toThrow("one was started");
    expect(ended).toEqual(["programs", "home", "memory"]);
  });
});
