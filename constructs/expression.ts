/**
 * A Terraform expression that a construct puts into a resource on purpose: an attribute of another resource. All other text in a resource
 * is data, whatever it looks like.
 */
export class Expression {
  private constructor(
    /** As Terraform writes it, without `${}`: `gitlab_project_access_token.gitops_Token_2F333BE2.token`. */
    readonly source: string,
  ) {}

  /** The attribute of the resource at an address. @throws Error when it would be anything but an address and a name */
  static attribute(address: string, name: string): Expression {
    if (!/^(?:data\.)?[\p{L}_][\p{L}\d_-]*\.[\p{L}_][\p{L}\d_-]*$/u.test(address) || !/^\w+$/.test(name)) {
      throw new Error(
        `got ${JSON.stringify(`${address}.${name}`)}; allowed: the address of a resource and one of its attributes`,
      );
    }
    return new Expression(`${address}.${name}`);
  }

  /**
   * Itself, as the provider's bindings take it, which know texts and numbers only. They hand on what they are given, and the resource is
   * rendered by {@link renderedLiterally}.
   */
  as<T extends string | number>(): T {
    return this as unknown as T;
  }

  toString(): string {
    return `\${${this.source}}`;
  }
}
