import * as path from "node:path";
import {
  App,
  TerraformBackend as Backend,
  HttpBackend,
  LocalBackend,
  type TerraformBackend,
  type TerraformStack,
} from "cdktf";
import type { IConstruct } from "constructs";
import type { StackState } from "../state/stack-state";

/** The folder where the cdktf command line runs Terraform for a stack. */
export const runsIn = (stack: TerraformStack): string => path.resolve(App.of(stack).outdir, "stacks", stack.node.id);

/** The backend that a stack was given by its app, other than `own`. */
export function givenBackend({ node }: IConstruct, own: TerraformBackend | undefined): TerraformBackend | undefined {
  return node.children.find((child) => Backend.isBackend(child) && child !== own) as TerraformBackend | undefined;
}

/**
 * Adds the place where Terraform keeps the state: in GitLab, without credentials, which Terraform takes from the environment; or in a file, by a path
 * that names no machine. Of all texts Terraform takes those of a backend as they are.
 */
export function addBackend(stack: TerraformStack, { backend }: Pick<StackState, "backend">): TerraformBackend {
  if (backend.kind === "local") {
    return new LocalBackend(stack, { path: path.relative(runsIn(stack), backend.file) });
  }
  const { kind: _, ...settings } = backend;
  return new HttpBackend(stack, settings);
}
