import { boundTypes } from "./provider-bindings";

/** What the stand-in has; everything else of the bindings is refused by name. */
const SERVED = {
  resource: [
    "gitlab_project_access_token",
    "gitlab_project_variable",
    "gitlab_group_variable",
    "gitlab_branch_protection",
    "gitlab_tag_protection",
  ],
  "data source": ["gitlab_user", "gitlab_group_ids"],
};

/**
 * What `sandbox/provider/refused-type-arguments.json` has to say for the installed bindings: names of types and their arguments.
 * After an upgrade of the bindings, write it anew: `npx ts-node __tests__/support/refused-type-table.ts > <that file>`.
 */
export function refusedTypeTable(): Record<"resources" | "dataSources", Record<string, string>> {
  const of = (kind: keyof typeof SERVED) =>
    Object.fromEntries(
      boundTypes()
        .filter((type) => type.kind === kind && !SERVED[kind].includes(type.typeName))
        .map((type): [string, string] => [type.typeName, Object.keys(type.attributes).sort().join(" ")])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return { resources: of("resource"), dataSources: of("data source") };
}

if (require.main === module) process.stdout.write(`${JSON.stringify(refusedTypeTable(), null, 2)}\n`);
