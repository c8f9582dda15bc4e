/** A Terraform state kept by the project, with all its versions and at most one lock. */
export interface TerraformState {
  readonly projectId: number;
  readonly name: string;
  /** In order of arrival; the last one is current. */
  versions: { serial: number; body: Buffer; createdAt: string; createdById: number }[];
  lock: TerraformLock | null;
}

/** A lock as GitLab keeps it. */
export interface TerraformLock {
  ID: string;
  /** User name. */
  Who: string;
  Created: string;
}
