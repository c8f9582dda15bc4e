import fc from "fast-check";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { Deployment } from "../support/deployment";

/** Pushers of one deploy; two rules each still are one page of GitLab's. */
const PUSHERS = 40;

/** What Terraform, JSON, YAML, a shell or a regular expression might read something into. */
const SPECIAL = ["$", "{", "}", "%", '"', "\\", "${", "%{", "$${", "%%{", "~", "}~", "#{", "&{", "'", "`", "é", "日"];
const PLAIN = ["a", "B", "7", "-", "_", ".", "if", "for", "var.x", "path.module"];

const texts = (units: readonly string[]) =>
  fc.array(fc.constantFrom(...units), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));

const NAMES = texts([...SPECIAL, ...PLAIN]);
const ENVIRONMENTS = texts(["$", "{", "}", "${", "$${", ".", "-", "/", " ", "a", "B", "7"]).filter(
  (text) => text === text.trim(),
);
const BRANCHES = texts([...SPECIAL.filter((unit) => !/[~\\]/.test(unit)), ...PLAIN])
  .map((text) => `b${text}x`)
  .filter((text) => BranchPattern.problem(text) === undefined);

/** What was tried to read another pusher's token, a file and the environment, and texts that mean no harm. */
const TRIED = [
  "x ${nonsensitive(gitlab_project_access_token.p0_Token_00000000.token)}",
  'x ${strrev(regex("GITLAB_TOKEN=([^\\u0000]*)", file("/proc/self/environ"))[0])}',
  '%{ for each in ["a"] }${each}%{ endfor }',
  "review/${CI_PROJECT_NAME}",
  "$${x}",
  "100%{",
];

test("GIVEN texts full of templates WHEN they are deployed THEN each is in GitLab letter for letter, and nothing was evaluated", async () => {
  const seed = { seed: 20261128, numRuns: PUSHERS };
  const [names, environments] = [fc.sample(NAMES, seed), fc.sample(ENVIRONMENTS, seed)];
  const branches = [...new Set(fc.sample(BRANCHES, { ...seed, numRuns: 3 * PUSHERS }))].slice(0, PUSHERS);
  const pushers = Object.fromEntries(
    branches.map((branch, i) => [
      `p${i}`,
      {
        target: "xlink/gitops",
        token: { expires: "2100-06-01", name: TRIED[i] ?? names[i] },
        variable: { key: `KEY_${i}`, environment: i === 3 ? TRIED[3] : environments[i] },
        branches: { [branch]: { push: "developer" } },
      },
    ]),
  );
  const deployment = await Deployment.start();
  try {
    await deployment.deploy(JSON.stringify({ pushers }));

    const all = async (list: string) =>
      (await deployment.api.get(`/projects/xlink%2Fgitops/${list}?per_page=100`)).body;
    const tokens = (await all("access_tokens")) as { name: string }[];
    const variables = (await all("variables")) as { key: string; environment_scope: string }[];
    const rules = (await all("protected_branches")) as { name: string }[];
    expect(tokens.map(({ name }) => name).sort()).toEqual(
      Object.values(pushers)
        .map(({ token }) => token.name)
        .sort(),
    );
    expect(Object.fromEntries(variables.map(({ key, environment_scope: scope }) => [key, scope]))).toEqual(
      Object.fromEntries(Object.values(pushers).map(({ variable: { key, environment } }) => [key, environment])),
    );
    const declared = branches.flatMap((branch) => [branch, BranchPattern.parse(branch).companion()]);
    expect(
      rules
        .map(({ name }) => name)
        .filter((name) => name !== "main")
        .sort(),
    ).toEqual([...new Set(declared)].sort());
    // And a second deploy finds everything as it is declared.
    expect(await deployment.deploy(JSON.stringify({ pushers }))).toContain("0 added, 0 changed, 0 destroyed");
  } finally {
    await deployment.stop();
  }
});

test("GIVEN a rule in GitLab whose name is a template WHEN it is adopted THEN it is that rule", async () => {
  const deployment = await Deployment.start();
  const branch = "rel-${x}%{y}";
  const inventory = JSON.stringify({
    pushers: {
      gitops: {
        target: "xlink/gitops",
        token: { expires: "2100-06-01" },
        branches: { [branch]: { push: "developer", guard: false, import: true } },
      },
    },
  });
  try {
    await deployment.api.post("/projects/xlink%2Fgitops/protected_branches", { name: branch, push_access_level: 30 });
    expect(await deployment.deploy(inventory)).toContain("1 imported");
    expect(Object.keys(await deployment.rules())).toEqual(["main", branch]);
  } finally {
    await deployment.stop();
  }
});
