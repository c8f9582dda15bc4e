/** The files that a runner may upload for a job: one file of each type, in the format that GitLab wants of it. */
export const ARTIFACT_FORMATS = {
  archive: "zip",
  metadata: "gzip",
  dotenv: "gzip",
  junit: "gzip",
  codequality: "raw",
  terraform: "raw",
} as const;

export type ArtifactType = keyof typeof ARTIFACT_FORMATS;

/** Those who may download: everyone who may see the job, Developers, Maintainers, or nobody. */
export const ACCESSIBILITIES = ["public", "private", "maintainer", "none"] as const;

export type Accessibility = (typeof ACCESSIBILITIES)[number];

export interface JobArtifact {
  readonly id: number;
  readonly jobId: number;
  readonly type: ArtifactType;
  readonly filename: string;
  readonly body: Buffer;
  readonly accessibility: Accessibility;
  /** ISO 8601; null = never. */
  readonly expireAt: string | null;
}
