/** The kinds of refusals, as its form tells where its words are not known. */
export type RefusalKind = keyof typeof KINDS;

/** Each kind in words, and where to look. */
export const KINDS = {
  hook: {
    title: "a hook of the server declined the push",
    look: "the lines that begin with remote: above it are the hook's own words",
  },
  server: {
    title: "the server refused the ref",
    look: "the words in brackets are the server's; rights to log in and to push at all are there",
  },
  git: {
    title: "Git itself refused, before or after it asked the server",
    look: "the lines that begin with error:, fatal: or hint: around it",
  },
  login: {
    title: "the server refused the login or the use of the repository",
    look: "the variable that the job takes its password from, and the token in it; with ID, --project or the job's URL GitLab is asked",
  },
  transport: {
    title: "the server was not reached, or did not answer as a GitLab does",
    look: "the address in the line, and the runner's way to it",
  },
  ssh: {
    title: "SSH did not let the push through",
    look: "the lines of ssh above it; GIT_SSH_COMMAND='ssh -v' in the job shows more",
  },
  job: {
    title: "the job failed at its push, and the log does not say why",
    look: "whether the push's output goes elsewhere (-q, >/dev/null, a tool): let it be seen, and read that log",
  },
} as const;
