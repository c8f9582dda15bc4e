/** An SSH key with access to a project; known to rules, though the sandbox serves no SSH. */
export interface DeployKey {
  readonly id: number;
  readonly projectId: number;
  title: string;
  readonly key: string;
  readonly fingerprint: string;
  canPush: boolean;
  /** The user on whose behalf it pushes. */
  readonly userId: number;
  readonly createdAt: string;
}
