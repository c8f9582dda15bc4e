import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { ExpectedError } from "../gitlab/expected-error";

/**
 * Terraform's dependency lock file: the release and the checksums of each provider. The one beside cdktf.json is under version control;
 * the synth copies it into the folder of each stack.
 */
export const PROVIDER_LOCK = ".terraform.lock.hcl";

/** The release of each provider, by the provider's address: `{"registry.terraform.io/gitlabhq/gitlab": "18.10.0"}`. */
export type Releases = Readonly<Record<string, string>>;

/**
 * The text of the lock file in a folder, or undefined where there is none. One that is broken ends here, by its line: of two sides of a merge
 * each names a release, and Terraform says neither where it stumbled nor what cures it.
 * @throws ExpectedError when it cannot be read, or is surely none
 */
export function readProviderLock(folder: string): string | undefined {
  const file = path.join(folder, PROVIDER_LOCK);
  if (!existsSync(file)) return undefined;
  const text = textOf(file);
  const [broken] = BROKEN.flatMap(({ at, ...problem }) => {
    const index = at(text);
    return index < 0 ? [] : [{ place: placeIn(text, index), problem: { ...problem, allowed: ALLOWED } }];
  });
  if (broken) throw new ExpectedError(broken);
  return text;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const got = `${(error as NodeJS.ErrnoException).code} at ${file}`;
    throw new ExpectedError({ got, allowed: ALLOWED, fix: "make it a file that can be read" });
  }
}

const ALLOWED = "the file that Terraform wrote, whole";

const ANEW = "run `npx gitlab-ci-pusher providers lock`, review and commit it";
const PUT_BACK = `put back the committed one, or delete it; then ${ANEW}`;

/** The ways in which it breaks between Terraform and here, each by the index in the text where that is seen, -1 where it is not. */
const BROKEN: readonly { readonly at: (text: string) => number; readonly got: string; readonly fix: string }[] = [
  {
    got: "a conflict marker of Git",
    at: (text) => text.search(/^(?:<{7}|\|{7}|={7}|>{7})(?=\s|$)/m),
    fix: `keep one side, or delete the file; then ${ANEW}`,
  },
  { got: "what is no text in UTF-8", at: (text) => text.search(/[\0\uFFFD]/), fix: PUT_BACK },
  { got: "JSON", at: (text) => (/^\s*[{[]/.test(text) ? 0 : -1), fix: PUT_BACK },
  {
    got: "the end of the file in the middle of a block",
    at: (text) => (isOpen(text) ? text.length : -1),
    fix: PUT_BACK,
  },
];

/** Texts and comments, also such that are not closed: each is looked at once, however many there are. */
const WORDS = /"(?:\\.|[^"\\\n])*("?)|#.*|\/\/.*|\/\*[\s\S]*?(\*\/|$)/g;

/** Tells whether a text, a comment or a bracket is not closed. */
function isOpen(text: string): boolean {
  const bare = text.replace(WORDS, (_, quote?: string, end?: string) => (quote === "" || end === "" ? '"' : ""));
  return bare.includes('"') || bare.split(/[{[]/).length > bare.split(/[}\]]/).length;
}

function placeIn(text: string, index: number): string {
  const lines = text.slice(0, index).split("\n");
  return `${PROVIDER_LOCK}:${lines.length}:${(lines.at(-1) as string).length + 1}`;
}

/** The releases that a lock file names. Terraform writes the file itself, always in the same layout. */
export function releasesIn(lock: string): Releases {
  const blocks = lock.matchAll(/^provider "([^"]+)" \{[^}]*?^\s*version\s*=\s*"([^"]+)"/gm);
  return Object.fromEntries([...blocks].map(([, address, release]) => [address as string, release as string]));
}
