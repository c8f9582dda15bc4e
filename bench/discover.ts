import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { GitLab } from "./gitlab";
import { ROOT } from "./ops-repository";
import { print } from "./print";
import { showProgress } from "./progress";
import { run } from "./run";
import { withSandbox } from "./sandbox";

const JOB = "test: { script: [make test] }\n";

/** The cost of `gitlab-ci-pusher discover` as a group grows: calls a project, seconds, and memory; and how large the page of `gitlab-ci-pusher report` is. */
export async function discover({ sizes }: { readonly sizes: readonly number[] }): Promise<void> {
  print("\ndiscover: a group of so many projects, each with rules, a variable and jobs, read by an Owner");
  for (const size of sizes) {
    showProgress(`  ${size} projects`);
    const { calls, seconds, megabytes, report } = await measured(size);
    showProgress("");
    const each = (calls / size).toFixed(2);
    print(
      `  ${String(size).padStart(5)} projects: ${each} calls a project, ${seconds.toFixed(1)} s, ${((1000 * seconds) / size).toFixed(0)} ms a project, ${megabytes.toFixed(0)} MB; report: ${report.seconds.toFixed(1)} s, a page of ${(report.bytes / 1e6).toFixed(2)} MB`,
    );
  }
}

async function measured(size: number) {
  const folder = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-bench-"));
  const seed = path.join(folder, "seed.json");
  writeFileSync(seed, JSON.stringify(seedOf(size)));
  try {
    return await withSandbox(
      async (env) => {
        const gitlab = new GitLab(env);
        const token = await gitlab.personalToken("olga", ["read_api"]);
        await gitlab.forgetCalls();
        const pusher = path.join(ROOT, "bin/gitlab-ci-pusher.js");
        const options = { cwd: folder, env: { GITLAB_BASE_URL: gitlab.url, GITLAB_TOKEN: token } };
        const measurement = await run([pusher, "discover", "fleet", "--json"], options);
        const calls = (await gitlab.calls()).length;
        const { seconds } = await run([pusher, "report", "fleet", "--html", "report.html"], options);
        return { ...measurement, calls, report: { seconds, bytes: statSync(path.join(folder, "report.html")).size } };
      },
      { seed },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing is wrong with it: a command that finds something ends with 1. */
const seedOf = (size: number) => ({
  users: [{ username: "olga" }],
  groups: [{ path: "fleet", members: { olga: "owner" } }],
  projects: Array.from({ length: size }, (_, index) => ({
    path: `fleet/p${index}`,
    visibility: "private",
    files: { "README.md": `${index}\n`, ".gitlab-ci.yml": JOB },
    variables: [{ key: "SONAR_TOKEN", value: `sqp_${index}_0123456789abcdef`, masked: true, protected: true }],
    protectedBranches: [{ name: "main" }, { name: "release/*" }],
  })),
});
