// A pusher as one writes it from cdktf's TypeScript template: the barrel import, and a type check at each synth.
// biome-ignore lint/style/noRestrictedImports: the barrel is what is measured.
import { branchProtection, projectAccessToken, projectVariable, provider } from "@cdktf/provider-gitlab";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";

class Pusher extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new provider.GitlabProvider(this, "gitlab", {});
    const token = new projectAccessToken.ProjectAccessToken(this, "token", {
      project: "group-0/target-0",
      name: "GITLAB_CI_PUSHER",
      accessLevel: "developer",
      scopes: ["write_repository"],
      expiresAt: "2030-01-01",
    });
    new projectVariable.ProjectVariable(this, "variable", {
      project: "group-0/source-0",
      key: "GITLAB_PUSHER_TOKEN",
      value: token.token,
      masked: true,
      protected: true,
    });
    for (const branch of ["main", "mai*n"]) {
      new branchProtection.BranchProtection(this, `rule ${branch}`, {
        project: "group-0/target-0",
        branch,
        pushAccessLevel: "developer",
        mergeAccessLevel: "maintainer",
      });
    }
  }
}

const app = new App();
new Pusher(app, "fleet");
app.synth();
