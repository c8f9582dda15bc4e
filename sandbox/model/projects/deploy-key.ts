/** An SSH key with access to projects; known to rules, though the sandbox serves no SSH. */
export interface DeployKey {
  readonly id: number;
  title: string;
  readonly key: string;
  readonly fingerprint: string;
  /** The projects it is enabled for, by their id, and whether it may push there. */
  readonly canPushTo: Map<number, boolean>;
  /** The user on whose behalf it pushes. */
  readonly userId: number;
  readonly createdAt: string;
}
