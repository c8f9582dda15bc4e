/** A state as Terraform writes it, of one token. The value in it must turn up nowhere. */
export function stateText({
  serial = 1,
  lineage = "8d0e5a4c-0c3f-4a07-a6a2-0d4f7d0e0001",
  secret = "glpat-secret-of-a-state",
}: {
  readonly serial?: number;
  /** Empty: a first state that could not be stored. */
  readonly lineage?: string;
  readonly secret?: string;
} = {}): string {
  const attributes = { id: "xlink/gitops:7", token: secret, expires_at: "2030-06-01" };
  const resource = {
    mode: "managed",
    type: "gitlab_project_access_token",
    name: "gitops_Token_1",
    provider: 'provider["registry.terraform.io/gitlabhq/gitlab"]',
    instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
  };
  const state = { version: 4, terraform_version: "1.11.0", serial, lineage, outputs: {}, resources: [resource] };
  return JSON.stringify({ ...state, check_results: null }, null, 2);
}

/** The tokens in a state, as Terraform writes it and, without spaces, as OpenTofu and GitLab do. */
export function secretsIn(state: string): string[] {
  return [...state.matchAll(/"(?:token|value)": ?"(gl[^"]{20,})"/g)].map((match) => match[1]!);
}
