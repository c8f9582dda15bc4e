import { createHash } from "node:crypto";
import { page } from "../../../commands/report/page";
import { shown } from "../../../commands/shown";
import type { Estate } from "../../../estate/estate";
import { findingsOf } from "../../../estate/findings/findings-of";
import { estate, rule, token, variable } from "../../support/estate";
import { type Element, elementsIn, pageElements, textOf, withTag } from "../../support/page-elements";

const pageOf = (made: Estate): string => page(shown(made, {}), shown(findingsOf(made), {}));
const readPage = (made: Estate): Element => pageElements(pageOf(made));
const attribute = (element: Element, key: string): string | undefined => element.attributes.get(key);
const byId = (root: Element, id: string): Element => {
  const [found, ...others] = elementsIn(root).filter((each) => attribute(each, "id") === id);
  expect(others).toEqual([]);
  return found!;
};
/** Rows of a table, a text for each cell. */
const rowsOf = (table: Element): string[][] =>
  withTag(table, "tr").map((row) =>
    row.children.map((cell) => (typeof cell === "string" ? cell : textOf(cell).trim())),
  );
const tableWith = (root: Element, caption: string): Element =>
  withTag(root, "table").find((table) => textOf(withTag(table, "caption")[0]!) === caption)!;

const GROWN = estate({
  rules: [
    rule("main", 40),
    rule("ma*", 30, { inherited: true }),
    rule("prod", 0, {
      push_access_levels: [
        { access_level: 0 },
        { access_level: null, user_id: 9, access_level_description: "Ann" },
      ] as never,
    }),
  ],
  tokens: [
    token(),
    token({ id: 8, name: "soon", expiresAt: "2100-01-20", level: 40 }),
    token({ id: 9, name: "for ever", expiresAt: null, kind: "personal", home: undefined, username: "dana" }),
  ],
  variables: [variable({ protected: false })],
  project: {
    tags: [{ name: "v*", create: [{ kind: "role", level: 40 }] }],
    deployKeys: [
      {
        id: 3,
        title: "mirror",
        createdAt: "2099-01-01T00:00:00Z",
        expiresAt: "2099-12-31T00:00:00Z",
        lastUsedAt: null,
      },
    ],
  },
});

describe("GIVEN an estate WHEN it is made a page", () => {
  const root = readPage(GROWN);

  test("THEN a table says branch by branch who may push, with what is inherited and what no rule matches", () => {
    expect(rowsOf(tableWith(root, "Who may push in xlink/app"))).toEqual([
      ["Branch or tag", "Developers", "Maintainers", "Others", "By force", "Tokens that may"],
      ["main default", "✓ yes", "✓ yes", "", "no", "deploy (7), soon (8), for ever (9)"],
      ["ma* of the group", "✓ yes", "✓ yes", "", "no", "deploy (7), soon (8), for ever (9)"],
      ["prod", "no", "no", "user Ann (9)", "no", ""],
      ["all others", "✓ yes", "✓ yes", "", "yes", "deploy (7), soon (8), for ever (9)"],
      ["tag v*", "no", "✓ yes", "", "", ""],
    ]);
  });

  test("THEN what can push stands in the order in which it dies, in a table and in a sentence for those who do not see the drawing", () => {
    expect(
      rowsOf(tableWith(root, "Tokens and keys that can push, the first to die first")).map((row) => [row[0], row[3]]),
    ).toEqual([
      ["Token or key", "Expires"],
      ["deploy key mirror (3)", "2099-12-31 dead"],
      ["token soon (8)", "2100-01-20 in 10 days"],
      ["token deploy (7)", "2100-06-01 in 142 days"],
      ["personal token of dana: for ever (9)", "never"],
    ]);
    const [svg] = withTag(root, "svg");
    expect(attribute(svg!, "role")).toBe("img");
    expect(textOf(byId(root, attribute(svg!, "aria-labelledby")!))).toBe("Expiry dates by week, with a line for today");
    expect(textOf(byId(root, attribute(svg!, "aria-describedby")!))).toBe(
      "When 4 tokens and keys expire: 1 within 30 days, 1 later within 420 days, 1 never, 1 past already. The next is token soon (8), on 2100-01-20.",
    );
    expect(textOf(svg!)).toContain("today, 2100-01-10");
    expect(withTag(svg!, "g").map((bar) => textOf(withTag(bar, "title")[0]!))).toEqual([
      "2099-12-27 to 2100-01-02: deploy key mirror (3)",
      "2100-01-17 to 2100-01-23: token soon (8)",
      "2100-05-30 to 2100-06-05: token deploy (7)",
      "never: personal token of dana: for ever (9)",
    ]);
  });

  test("THEN each kind of finding is told with its fix and its places, the worst first", () => {
    const articles = withTag(root, "article").map((article) => attribute(article, "aria-labelledby"));
    expect(articles.slice(0, 3)).toEqual(["wildcard-opens", "variable-unprotected", "token-wide"]);
    for (const id of articles)
      expect(
        rowsOf(tableWith(root, `Where: ${textOf(byId(root, id!)).split(" ").slice(2, -1).join(" ")}`)).length,
      ).toBeGreaterThan(1);
    expect(withTag(root, "dt").filter((term) => textOf(term) === "Fix")).toHaveLength(articles.length);
  });

  test("THEN a narrow screen names each cell as its column is named", () => {
    const style = textOf(withTag(root, "style")[0]!);
    for (const kind of ["branches", "credentials"]) {
      const named = new RegExp(`\\.${kind} td:nth-child\\((\\d)\\)::before \\{ content: "(.*) "; \\}`, "g");
      const [found] = withTag(root, "table").filter((each) => attribute(each, "class") === kind);
      const columns = withTag(found!, "th").filter((each) => attribute(each, "scope") === "col");
      expect([...style.matchAll(named)].map((match) => [match[1], match[2]])).toEqual(
        columns.slice(1).map((column, index) => [String(index + 2), textOf(column)]),
      );
    }
  });

  test("THEN it can be read by keyboard and screen reader: landmarks, a skip link, captions, scopes, names", () => {
    expect(["header", "nav", "main", "footer", "h1"].map((tag) => withTag(root, tag).length)).toEqual([1, 1, 1, 1, 1]);
    expect(attribute(withTag(root, "html")[0]!, "lang")).toBe("en");
    expect(attribute(elementsIn(withTag(root, "body")[0]!)[0]!, "href")).toBe("#main");
    const ids = elementsIn(root).flatMap((each) => attribute(each, "id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of withTag(root, "a")) expect(ids).toContain(attribute(link, "href")!.slice(1));
    for (const each of elementsIn(root)) {
      const named = ["aria-labelledby", "aria-describedby"].flatMap((key) => attribute(each, key) ?? []);
      expect(ids).toEqual(expect.arrayContaining(named));
    }
    for (const table of withTag(root, "table")) expect(withTag(table, "caption")).toHaveLength(1);
    for (const cell of withTag(root, "th")) expect(attribute(cell, "scope")).toMatch(/^(col|row)$/);
    const scrolling = elementsIn(root).filter((each) => attribute(each, "class") === "scroll");
    expect(scrolling.every((each) => attribute(each, "tabindex") === "0")).toBe(true);
  });

  test("THEN it asks the network for nothing, and its policy allows its own style and script alone", () => {
    const [policy] = withTag(root, "meta").filter(
      (each) => attribute(each, "http-equiv") === "Content-Security-Policy",
    );
    const digest = (tag: string) =>
      `'sha256-${createHash("sha256")
        .update(textOf(withTag(root, tag)[0]!))
        .digest("base64")}'`;
    expect(attribute(policy!, "content")).toBe(
      `default-src 'none'; style-src ${digest("style")}; script-src ${digest("script")}; base-uri 'none'; form-action 'none'`,
    );
    const keys = new Set(elementsIn(root).flatMap(({ attributes }) => [...attributes.keys()]));
    expect([...keys].filter((key) => /^(src|srcset|style|action|on.*|xlink.*)$/.test(key))).toEqual([]);
    expect(["link", "img", "iframe", "form", "object"].flatMap((tag) => withTag(root, tag))).toEqual([]);
    expect(textOf(withTag(root, "style")[0]!)).not.toMatch(/url\(|@import/);
  });

  test("THEN its script is one that runs: it filters by words and by findings", () => {
    expect(() => new Function(textOf(withTag(root, "script")[0]!))).not.toThrow();
    expect(attribute(byId(root, "filter"), "hidden")).toBe("");
    expect(
      attribute(withTag(root, "details").find((each) => attribute(each, "class") === "project")!, "data-found"),
    ).toBe("");
  });
});

describe("GIVEN hostile names WHEN they are made a page", () => {
  const TOKEN = "glpat-SecretSecretSecret";
  const HOSTILE = `</title></style></script><script>alert(1)</script><img src=x onerror="x">" onclick="x' &lt;\`\u202e\u2066\u0007\n${TOKEN} --> ]]>`;
  /** The same as it may be read. */
  const HARMLESS = `</title></style></script><script>alert(1)</script><img src=x onerror="x">" onclick="x' &lt;\` [a token] --> ]]>`;
  const harmless = estate({
    variables: [variable({ protected: false })],
    tokens: [token(), token({ id: 9, expiresAt: null })],
  });
  const hostile: Estate = {
    ...estate({
      rules: [
        rule("main", 30),
        rule(HOSTILE, 40, {
          push_access_levels: [{ access_level: null, user_id: 1, access_level_description: HOSTILE }] as never,
        }),
      ],
      tokens: [
        token({ name: HOSTILE, home: HOSTILE }),
        token({
          id: 9,
          name: HOSTILE,
          expiresAt: HOSTILE,
          lastUsedAt: HOSTILE,
          scopes: [HOSTILE],
          username: HOSTILE,
          kind: "personal",
        }),
      ],
      variables: [
        variable({ key: HOSTILE, environment: HOSTILE, protected: false, home: { kind: "project", path: HOSTILE } }),
      ],
      project: {
        path: `${HOSTILE}/${HOSTILE}`,
        id: HOSTILE as never,
        tags: [{ name: HOSTILE, create: [] }],
        deployKeys: [{ id: 3, title: HOSTILE, createdAt: HOSTILE, expiresAt: HOSTILE, lastUsedAt: HOSTILE }],
        jobToken: { push: true, crossProject: true, limited: true, projects: [HOSTILE], groups: [HOSTILE] },
        pushes: [
          {
            job: HOSTILE,
            project: HOSTILE,
            branch: HOSTILE,
            tags: false,
            with: "variable",
            key: HOSTILE,
            pipelines: [],
          },
        ],
      },
    }),
    gitlab: `https://gitlab.example.com/${HOSTILE}`,
    notSeen: [{ what: `${HOSTILE} of ${HOSTILE}`, status: 403, reason: HOSTILE }],
  };
  const text = pageOf(hostile);
  const root = pageElements(text);

  test("THEN they are texts: no element and no attribute is there that is not the page's own", () => {
    const kinds = (each: Element) => [
      ...new Set(
        elementsIn(each).flatMap(({ tag, attributes }) => [
          tag,
          ...[...attributes.keys()].map((key) => `${tag} ${key}`),
        ]),
      ),
    ];
    const own = [...kinds(readPage(GROWN)), ...kinds(readPage(harmless))];
    expect(kinds(root).filter((kind) => !own.includes(kind))).toEqual([]);
    expect(withTag(root, "script")).toHaveLength(1);
    expect(textOf(root).split(HARMLESS).length).toBeGreaterThan(20);
  });

  test("THEN nothing in them turns the direction of writing, and no token's value gets out", () => {
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(text).not.toContain(TOKEN);
  });

  test("THEN a name cannot turn round what stands beside it", () => {
    const hebrew = readPage(estate({ tokens: [token({ name: "\u05d0\u05d1" })] }));
    const [cell] = withTag(tableWith(hebrew, "Tokens and keys that can push, the first to die first"), "th").slice(-1);
    expect(withTag(cell!, "bdi").map(textOf)).toEqual(["token \u05d0\u05d1 (7)"]);
  });
});

describe("GIVEN what was not seen WHEN it is made a page", () => {
  test("THEN the page says so in each place, and in one line for each answer", () => {
    const [{ projects, ...rest }] = [estate()];
    const blind = {
      ...projects[0]!,
      branches: undefined,
      rules: undefined,
      tags: undefined,
      deployKeys: undefined,
      allTokensSeen: false,
    };
    const notSeen = ["a", "b"].map((path) => ({
      what: `branch rules of x/${path}`,
      status: 403,
      reason: "403 Forbidden",
    }));
    const root = readPage({
      ...rest,
      projects: [blind, { ...projects[0]!, id: 2, path: "x/b", allTokensSeen: false }],
      notSeen,
    });
    const told = textOf(root);
    expect(told).toContain("Branches and tags were not seen.");
    expect(told).toContain("deploy keys not seen");
    expect(told).toContain("deploy (7), not all seen");
    expect(rowsOf(tableWith(root, "What GitLab would not show to the token that asked"))).toEqual([
      ["What", "Of", "GitLab’s answer"],
      ["branch rules", "x/a, x/b", "403 Forbidden"],
    ]);
  });

  test("THEN an estate without anything is a page too", () => {
    const told = textOf(readPage({ ...estate({ tokens: [], variables: [] }), projects: [] }));
    expect(told).toContain("Nothing was found in what GitLab showed.");
    expect(told).toContain("There is no project here that is not archived.");
    expect(told).toContain("No living token and no key that can push was seen.");
  });
});

describe("GIVEN more than anybody reads WHEN it is made a page", () => {
  test.each([
    [100, 0],
    [101, 100],
  ])(
    "GIVEN %i projects THEN the details of %i in which nothing was found stay off paper until somebody opens them",
    (count, folded) => {
      const [clean] = estate({ tokens: [], variables: [] }).projects;
      const [found] = estate({ rules: [], tokens: [], variables: [] }).projects;
      const projects = Array.from({ length: count }, (_, id) => ({
        ...(id === 0 ? found! : clean!),
        id,
        path: `a/p${id}`,
      }));
      const root = readPage({ ...estate({ tokens: [], variables: [] }), projects });
      const classes = withTag(root, "details").map((each) => attribute(each, "class"));
      expect(classes.filter((each) => each === "project folded")).toHaveLength(folded);
      expect(textOf(root).includes("paper has the first line")).toBe(folded > 0);
    },
  );

  test("THEN its size is bounded, and it says what is left out", () => {
    const [project] = estate().projects;
    const many = Array.from({ length: 3_100 }, (_, id) => ({
      ...project!,
      id,
      path: `xlink/p${id}`,
      branches: id === 0 ? Array.from({ length: 150 }, () => project!.branches![0]!) : project!.branches,
    }));
    const tokens = Array.from({ length: 3_100 }, (_, id) => token({ id, expiresAt: null }));
    const text = pageOf({ ...estate({ tokens, variables: [] }), projects: many });
    expect([...text.matchAll(/<p class="left">and ([\w ]+): /g)].map(([, left]) => left)).toEqual([
      "2600 more",
      "50 more",
      "100 more projects",
      "100 more",
    ]);
    expect(text.length).toBeLessThan(6_000_000);
    expect(text).toMatch(/<details class="project( folded)?"><summary>/);
  });
});
