/** The home of a variable: a project, or a group, whose variables every project below it has. */
export interface Home {
  readonly kind: "project" | "group";
  /** Full path. */
  readonly path: string;
}
