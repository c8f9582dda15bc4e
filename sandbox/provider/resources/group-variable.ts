import { variableResource } from "./variable";

/** `gitlab_group_variable`, id `<group>:<key>:<environment scope>`. */
export const groupVariable = variableResource({ kind: "group", schemaVersion: 0, toleratesMissingOnDelete: false });
