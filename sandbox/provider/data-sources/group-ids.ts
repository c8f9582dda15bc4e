import type { DataSource } from "../data-source";
import { messageOf } from "../gitlab-api-error";
import { segment } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";

/** `gitlab_group_ids`: a group's numbers by its path or number. The real provider asks GraphQL, which the sandbox has not. */
export const groupIds: DataSource = {
  typeName: "gitlab_group_ids",
  schema: {
    version: 0,
    attributes: {
      id: { type: "string", computed: true },
      group: { type: "string", required: true },
      group_id: { type: "string", computed: true },
      group_full_path: { type: "string", computed: true },
      group_graphql_id: { type: "string", computed: true },
    },
  },

  async read({ client }, { group }) {
    let found: { id: number; full_path: string };
    try {
      found = await client.get(`groups/${segment(String(group))}`);
    } catch (error) {
      throw new DiagnosticError("GitLab API error occurred", `Unable to find group ${group}: ${messageOf(error)}`);
    }
    const { id, full_path } = found;
    const graphql = `gid://gitlab/Group/${id}`;
    return {
      id: graphql,
      group: group ?? null,
      group_id: `${id}`,
      group_full_path: full_path,
      group_graphql_id: graphql,
    };
  },
};
