import { variableResource } from "./variable";

/** `gitlab_project_variable`, id `<project>:<key>:<environment scope>`. */
export const projectVariable = variableResource({
  kind: "project",
  schemaVersion: 1,
  toleratesMissingOnDelete: true,
});
