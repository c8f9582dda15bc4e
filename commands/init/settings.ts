import { plainBaseUrl } from "../../gitlab/base-url";
import { quoted } from "../../gitlab/problem";
import { projectPathProblem } from "../../gitlab/project-path";
import { CommandError } from "../exit-code";

/** Answers that a new ops repository depends on. */
export interface Settings {
  /** Address of the GitLab, without a slash at its end. */
  readonly gitlab: string;
  /** Full path of the project that keeps the states. @default - states are local files */
  readonly stateProject?: string;
  readonly edition: "free" | "premium";
  /** Full path of a project in that GitLab that publishes this package's templates as components. @default - a copy of them is written */
  readonly component?: string;
}

/** The answers as they were given, by option or on a terminal. */
export interface Answers {
  readonly gitlab: string;
  readonly state: string;
  readonly edition: string;
  readonly component?: string;
}

/** The answer that keeps states in files. */
export const LOCAL = "local";

/** @throws ExpectedError of the first answer that is none */
export function settingsOf({ gitlab, state, edition, component }: Answers): Settings {
  return {
    gitlab: plainBaseUrl(gitlab, "--gitlab"),
    edition: editionOf(edition),
    stateProject: stateProjectOf(state),
    ...(component !== undefined && { component: projectOf("--component", component) }),
  };
}

/** Full path of the project that keeps the states; undefined for local ones. @throws ExpectedError when it is neither */
export const stateProjectOf = (got: string): string | undefined =>
  got === LOCAL ? undefined : projectOf("--state", got, `${LOCAL}, or `);

function projectOf(option: string, got: string, orElse = ""): string {
  if (projectPathProblem(got) === undefined) return got;
  const allowed = `${orElse}the full path of a project in that GitLab`;
  throw new CommandError({ got: `${option} ${quoted(got)}`, allowed, fix: "write it as ops/pushers" });
}

/** @throws ExpectedError when it is neither of the two */
export function editionOf(got: string): Settings["edition"] {
  if (got === "free" || got === "premium") return got;
  const allowed = "free, or premium, which Ultimate is too";
  throw new CommandError({ got: `--edition ${quoted(got)}`, allowed, fix: "take free when in doubt: it works on all" });
}
