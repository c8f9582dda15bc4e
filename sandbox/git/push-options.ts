/** The wishes of `git push -o …`, as far as the sandbox holds it. Unknown options are ignored, as GitLab does. */
export interface PushOptions {
  /** `ci.skip`: the pipeline is created, but skipped. */
  readonly skipCi: boolean;
  /** undefined when no `merge_request.*` option was given. */
  readonly mergeRequest?: MergeRequestOptions;
  /** As they were given, for the warning GitLab prints. */
  readonly given: readonly string[];
}

/** `merge_request.*` (or `mr.*`). */
export interface MergeRequestOptions {
  create: boolean;
  target?: string;
  title?: string;
  description?: string;
  draft?: boolean;
  removeSourceBranch?: boolean;
  readonly labels: string[];
  readonly unlabels: string[];
  /** User ids or names. */
  readonly assign: string[];
  readonly unassign: string[];
}

/** @param given `merge_request.create`, `merge_request.title=Text`, … */
export function parsePushOptions(given: readonly string[]): PushOptions {
  let skipCi = false;
  let mergeRequest: MergeRequestOptions | undefined;
  for (const option of given) {
    const match = /^(?<namespace>[^.]+)\.(?<key>[^=]+)=?(?<value>.*)$/s.exec(option);
    if (!match?.groups) continue;
    const namespace = match.groups.namespace!.trim();
    const key = match.groups.key!.trim();
    const value = match.groups.value!.trim();
    if (namespace === "ci" && key === "skip") skipCi = true;
    if (namespace === "merge_request" || namespace === "mr") {
      const options = mergeRequest ?? { create: false, labels: [], unlabels: [], assign: [], unassign: [] };
      if (applyMergeRequestOption(options, key, value)) mergeRequest = options;
    }
  }
  return { skipCi, mergeRequest, given };
}

/** Answers whether GitLab knows the key. */
function applyMergeRequestOption(options: MergeRequestOptions, key: string, value: string): boolean {
  switch (key) {
    case "create":
      options.create = true;
      return true;
    case "target":
      options.target = value;
      return true;
    case "title":
      options.title = value;
      return true;
    case "description":
      options.description = value.replaceAll("\\n", "\n");
      return true;
    case "draft":
      options.draft = true;
      return true;
    case "remove_source_branch":
      options.removeSourceBranch = true;
      return true;
    case "label":
      options.labels.push(value);
      return true;
    case "unlabel":
      options.unlabels.push(value);
      return true;
    case "assign":
      options.assign.push(value);
      return true;
    case "unassign":
      options.unassign.push(value);
      return true;
    // Known to GitLab; a sandbox pipeline never succeeds, and milestones and forks are not held.
    case "merge_when_pipeline_succeeds":
    case "auto_merge":
    case "milestone":
    case "target_project":
      return true;
    default:
      return false;
  }
}
