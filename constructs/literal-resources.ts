import { TerraformResource } from "cdktf";
import type { Problem } from "../gitlab/problem";
import { literally, literalProblem, textsIn } from "./literal";
import { check } from "./validation";

/** The part of a resource that the provider's bindings make. */
interface Attributed {
  synthesizeAttributes(): Record<string, unknown>;
}

/**
 * The resources of a stack whose texts are data: what they were given arrives in GitLab letter for letter, whatever Terraform would read
 * into it, and only an {@link Expression} is evaluated. What is overridden on a resource later (`addOverride`) is Terraform, as ever.
 *
 * They are rendered apart from the rest of the stack: nothing in them needs cdktf's token resolving, and without the `//` metadata, from
 * which the cdktf command line compiles a pattern for every line of Terraform's log, a deploy of a large stack is many times faster.
 */
export class LiteralResources {
  private readonly all: TerraformResource[] = [];

  add(resource: TerraformResource): void {
    const attributed = resource as unknown as Attributed;
    const attributes = attributed.synthesizeAttributes.bind(resource);
    attributed.synthesizeAttributes = () => literally(attributes()) as Record<string, unknown>;
    resource.toTerraform = () => ({});
    check(resource.node.scope ?? resource, () => problemIn(attributes()));
    this.all.push(resource);
  }

  /** Adds these resources to what a stack rendered. */
  addTo(config: Record<string, unknown>): Record<string, unknown> {
    const resources = (config.resource ?? {}) as Record<string, Record<string, { "//"?: unknown }>>;
    for (const resource of this.all) {
      const { resource: rendered } = TerraformResource.prototype.toTerraform.call(resource);
      for (const [type, named] of Object.entries(rendered))
        resources[type] = Object.assign(resources[type] ?? {}, named);
    }
    for (const named of Object.values(resources)) {
      for (const attributes of Object.values(named)) delete attributes["//"];
    }
    // Terraform takes an empty `resource` for a block without its label.
    return Object.keys(resources).length > 0 ? { ...config, resource: resources } : config;
  }
}

function problemIn(attributes: Record<string, unknown>): Problem | undefined {
  for (const [name, text] of textsIn(attributes)) {
    const problem = literalProblem(text);
    if (problem) return { ...problem, of: name };
  }
  return undefined;
}
