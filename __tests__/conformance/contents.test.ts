import { contentsOf } from "../../conformance/contents";
import { Secrets } from "../../conformance/secrets";
import { Server } from "../../conformance/server";
import { FakeGitLab, FakeStatus } from "../support/fake-gitlab";

const MARK = "Made by the conformance run of gitlab-ci-pusher, which removes it.";
const NAME = "conformance-20260101t0000-0123abcd";
const EMPTY = { members: [{ id: 7 }], variables: [], access_tokens: [], deploy_tokens: [] };

/** The contents of a group that has these things. */
async function contents(things: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { members, ...others } = { ...EMPTY, projects: [], subgroups: [], ...things };
  const answers = Object.entries({ ...others, "members/all": members });
  const fake = await FakeGitLab.start(Object.fromEntries(answers.map(([path, body]) => [`/groups/1/${path}`, body])));
  try {
    return await contentsOf(new Server(fake.url, "token-of-a-test", new Secrets()), { id: 1, fullPath: "tests" }, 7);
  } finally {
    await fake.stop();
  }
}

const left = (name: string) => ({ name, full_path: `tests/${name}`, description: MARK });

test.each([
  ["a run left, or another one makes", NAME],
  ["GitLab keeps for some days", `${NAME}-deletion_scheduled-12`],
])(
  "GIVEN a subgroup that %s WHEN the group is looked at THEN neither it nor what is in it is a sign of use",
  async (_, name) => {
    expect(
      await contents({ subgroups: [left(name)], projects: [{ path_with_namespace: `tests/${name}/case` }] }),
    ).toEqual([]);
  },
);

test("GIVEN things of others WHEN the group is looked at THEN each is named in one line, and what cannot be seen", async () => {
  const found = await contents({
    subgroups: [{ ...left(NAME), description: "" }],
    projects: [{ path_with_namespace: `tests/${NAME}/case` }, { path_with_namespace: "tests/shop" }],
    access_tokens: [{ name: "a\n\u001b[31mb" }],
    deploy_tokens: new FakeStatus(403),
  });
  expect(found).toEqual([
    `2 projects: tests/${NAME}/case, tests/shop`,
    `1 subgroup: tests/${NAME}`,
    "1 access token: a [31mb",
    "no look at its deploy tokens (403)",
  ]);
});
