import type { BranchPicture, Estate, ProjectPicture, TokenPicture, VariablePicture } from "../../estate/estate";
import { branchPictures } from "../../estate/reading/branches";
import type { ProtectedBranch } from "../../gitlab/protected-branch";

const level = (access_level: number) => [{ access_level }];

/** A rule with these levels. */
export const rule = (name: string, push: number, more: Partial<ProtectedBranch> = {}): ProtectedBranch => ({
  name,
  push_access_levels: level(push),
  merge_access_levels: level(40),
  allow_force_push: false,
  ...more,
});

/** A living token of `xlink/app` that nothing is wrong with. */
export const token = (more: Partial<TokenPicture> = {}): TokenPicture => ({
  id: 7,
  name: "deploy",
  kind: "project",
  home: "xlink/app",
  userId: 70,
  username: undefined,
  scopes: ["write_repository"],
  level: 30,
  createdAt: "2100-01-01T00:00:00Z",
  expiresAt: "2100-06-01",
  lastUsedAt: "2100-01-09T00:00:00Z",
  slot: undefined,
  ...more,
});

/** The variable that carries {@link token}, as it should be. */
export const variable = (more: Partial<VariablePicture> = {}): VariablePicture => ({
  key: "GITOPS_TOKEN",
  home: { kind: "project", path: "xlink/app" },
  environment: "*",
  protected: true,
  masked: true,
  hidden: false,
  alone: true,
  carries: { kind: "token", token: 7 },
  ...more,
});

/** An estate of the project `xlink/app` with these parts. */
export function estate(parts: Parts = {}): Estate {
  const { rules = [rule("main", 30)], tokens = [token()], variables = [variable()], project } = parts;
  return {
    gitlab: "https://gitlab.example.com",
    readAt: new Date("2100-01-10T12:00:00Z"),
    projects: [
      {
        id: 1,
        path: "xlink/app",
        defaultBranch: "main",
        rules,
        branches: branchPictures(rules, "main", tokens),
        allTokensSeen: true,
        tags: [],
        deployKeys: [],
        jobToken: { push: false, crossProject: undefined, limited: undefined, projects: undefined, groups: undefined },
        pushes: [],
        ...project,
      },
      ...(parts.projects ?? []),
    ],
    tokens,
    variables,
    notSeen: [],
  };
}

interface Parts {
  readonly rules?: readonly ProtectedBranch[];
  readonly tokens?: readonly TokenPicture[];
  readonly variables?: readonly VariablePicture[];
  readonly project?: Partial<ProjectPicture>;
  /** Beside `xlink/app`. */
  readonly projects?: readonly ProjectPicture[];
}

/** A branch of a picture, or none. */
export const branchOf = (branches: readonly BranchPicture[], name: string): BranchPicture | undefined =>
  branches.find((branch) => branch.name === name);
