/**
 * The place in a job that a line of its log is of: the runner's preparations, its fetch of the sources or submodules with the job token, the
 * script, `after_script`, and what the runner clears up. `ready`: the sources are there, or the log begins somewhere.
 */
export type Place = "before" | "sources" | "submodules" | "ready" | "script" | "after_script" | "end";

/** Sections of a raw log. @see https://docs.gitlab.com/ci/jobs/job_logs/ */
const SECTIONS: Readonly<Record<string, Place>> = {
  prepare_executor: "before",
  prepare_script: "before",
  get_sources: "sources",
  restore_cache: "before",
  download_artifacts: "before",
  step_script: "script",
  build_script: "script",
  after_script: "after_script",
  archive_cache: "end",
  archive_cache_on_failure: "end",
  upload_artifacts_on_success: "end",
  upload_artifacts_on_failure: "end",
  cleanup_file_variables: "end",
};

/** The words of a runner as it enters each. */
const SIGNS: readonly (readonly [RegExp, Place])[] = [
  [/^Running with gitlab-runner /, "before"],
  [/^(?:Preparing the "|Preparing environment|Running on \S+ via )/, "before"],
  [/^(?:Getting source from Git repository|Fetching changes(?: with git depth set to \d+)?\.\.\.)/, "sources"],
  [/^(?:Cloning repository(?: for \S+.*)?\.\.\.|Gitaly correlation ID: )/, "sources"],
  [/^(?:Checking out \S+ as |Skipping Git (?:submodules|repository) setup)/, "ready"],
  [/^(?:Updating|Updating\/initializing|Synchronizing) submodules/, "submodules"],
  [/^(?:Restoring cache|Checking cache for |Downloading artifacts)/, "before"],
  [/^Executing "(?:step|build)_script" stage/, "script"],
  [/^(?:Executing "after_script" stage|Running after[_ ]script)/, "after_script"],
  [
    /^(?:Saving cache for |Uploading artifacts for |Cleaning up (?:project directory and )?file based variables)/,
    "end",
  ],
];

const EARLY: ReadonlySet<Place> = new Set(["before", "sources", "submodules", "ready"]);
const ORDER: readonly Place[] = ["script", "after_script", "end"];

/** Follows a log through the places of its job; what a script prints does not lead back to an earlier one. */
export class PlaceReader {
  place: Place = "ready";
  /** False where only a command tells that the script has begun: a hook of the runner may show one before it fetches. */
  private sure = true;

  section(name: string): void {
    const script = /^(?:section_)?script_step_\d+$/.test(name) ? "script" : undefined;
    const place = SECTIONS[name] ?? script;
    if (place) this.enter(place);
  }

  /** A command is shown. */
  command(): void {
    if (!EARLY.has(this.place)) return;
    this.place = "script";
    this.sure = false;
  }

  output(text: string): void {
    const sign = SIGNS.find(([pattern]) => pattern.test(text));
    if (!sign) return;
    // Another job's log begins.
    if (text.startsWith("Running with gitlab-runner ")) this.place = "before";
    else this.enter(sign[1]);
  }

  private enter(place: Place): void {
    const back = ORDER.indexOf(place) <= ORDER.indexOf(this.place);
    if (!EARLY.has(this.place) && this.sure && back) return;
    this.place = place;
    this.sure = true;
  }
}
