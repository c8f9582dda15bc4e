import type { Area, Case } from "./case";
import { BRANCHES } from "./cases/branches";
import { DEPLOYS } from "./cases/deploys";
import { GROUP_RULES } from "./cases/group-rules";
import { JOB_TOKENS } from "./cases/job-tokens";
import { MERGE_REQUESTS } from "./cases/merge-requests";
import { PUSHES } from "./cases/pushes";
import { STATES } from "./cases/states";
import { TAGS } from "./cases/tags";
import { TOKENS } from "./cases/tokens";
import { VARIABLES } from "./cases/variables";

/** The contract: all that this project stands on, by what it is about. */
export const CASES: Readonly<Record<Area, readonly Case[]>> = {
  tokens: TOKENS,
  variables: VARIABLES,
  branches: BRANCHES,
  tags: TAGS,
  "group rules": GROUP_RULES,
  pushes: PUSHES,
  "job tokens": JOB_TOKENS,
  states: STATES,
  "merge requests": MERGE_REQUESTS,
  deploys: DEPLOYS,
};
