/** The forms in which one ref is refused: of go-git, isomorphic-git (in two forms), and JGit (that it was told so, and its result). */
const REFS = [
  /(?:^|: )command error on (?<ref>refs\/\S+): (?<why>[^"}]+)/,
  /^- (?<ref>refs\/\S+): (?<why>.+)$/,
  /\bgit< ng (?<ref>refs\/\S+) (?<why>.+)$/,
  /\bPush rejected with errors: \["(?<ref>refs\/\S+) (?<why>[^"]+)"/,
  /\bRemoteRefUpdate\[remoteName=(?<ref>refs\/[^,\s]+), REJECTED_OTHER_REASON\b.*?\bmessage="?(?<why>[^"\]]*)/,
];

/** The same before anything is sent. */
const OWN_REFS = [
  /(?:^|: )non-fast-forward update: (?<ref>refs\/\S+)/,
  /\bRemoteRefUpdate\[remoteName=(?<ref>refs\/[^,\s]+), (?<why>REJECTED_\w+)/,
  /(?<ref>refs\/\S+) (?<why>REJECTED_\w+)/,
];

/** A whole call that failed, which may be a fetch's. */
const CALLS =
  /\bTransportException: |\bGitError: |\b(?:unexpected http|request failed with) status code: \d|authentication replays|no callback set|\bHttpError: HTTP Error: \d|(?:^|: )Push(?:Rejected)?Error: |\bpush[^:]*: (?:authentication required|authorization failed|repository not found|ssh: handshake failed)\b|:\/\/\S+: not authorized\b|\bHTTPUnauthorized: |commits that are not present locally/i;

/** As Git's own form would tell it. */
export type LibraryLine =
  | { readonly kind: "refused"; readonly byServer: boolean; readonly to: string; readonly why?: string }
  | { readonly kind: "failed" };

/** A line of a library that speaks Git's protocol itself (JGit, go-git, libgit2, isomorphic-git, dulwich), where Git has its own form. */
export function libraryLine(text: string): LibraryLine | undefined {
  for (const [patterns, byServer] of [
    [REFS, true],
    [OWN_REFS, false],
  ] as const) {
    for (const pattern of patterns) {
      const { ref, why } = pattern.exec(text)?.groups ?? {};
      if (ref) return { kind: "refused", byServer, to: ref.replace(/^refs\/heads\//, ""), ...(why ? { why } : {}) };
    }
  }
  return CALLS.test(text) ? { kind: "failed" } : undefined;
}
