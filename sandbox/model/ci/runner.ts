export interface Runner {
  readonly id: number;
  readonly runnerType: "instance_type" | "group_type" | "project_type";
  /** Projects it serves, for `project_type`; the first one owns it. */
  projectIds: number[];
  readonly groupId: number | null;
  readonly creatorId: number | null;
  readonly tokenDigest: string;
  description: string;
  paused: boolean;
  locked: boolean;
  runUntagged: boolean;
  tagList: string[];
  accessLevel: "not_protected" | "ref_protected";
  maximumTimeout: number | null;
  maintenanceNote: string | null;
  /** The time when it last asked for work; null = never contacted. */
  contactedAt: string | null;
  readonly createdAt: string;
}
