/** A project shared with a group: its members are members of the project too, with no more than the share's role. */
export interface Share {
  readonly id: number;
  readonly projectId: number;
  readonly groupId: number;
  readonly accessLevel: number;
  /** `YYYY-MM-DD`; the share ends at 00:00 UTC of that day. */
  readonly expiresAt: string | null;
}
