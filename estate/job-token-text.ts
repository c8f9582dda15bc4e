import type { ProjectPicture } from "./estate";

/** The projects whose jobs may push to a project with their own token, in words, where that is on. */
export function jobTokenText({ jobToken: { crossProject, limited, projects, groups }, path }: ProjectPicture): string {
  const own = "its own jobs, as whoever started them";
  if (!crossProject) return own;
  const others = [...(projects ?? []), ...(groups ?? [])].filter((each) => each !== path);
  if (limited === false) return `${own}; jobs of all projects may be let in`;
  return `${own}; jobs that the allowlist lets push: ${others.join(", ") || "none"}`;
}
