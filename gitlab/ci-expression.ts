/**
 * The variables an expression may look at: a text, null when the pipeline has none of that name, undefined when it is not known.
 */
export type Lookup = (name: string) => string | null | undefined;

/** `unknown`: it depends on a variable that is not known. */
export type Truth = boolean | "unknown";

type Value =
  | { readonly kind: "text"; readonly text: string | null | undefined }
  | { readonly kind: "pattern"; readonly source: string };

const TOKEN = /\s*(?:(==|!=|=~|!~|&&|\|\||\(|\))|\$(\w+)|"([^"]*)"|'([^']*)'|(null)\b|\/((?:\\.|[^/\\])*)\/([imsU]*))/y;

/**
 * Evaluates the condition of `rules:if`, `only:variables` or `workflow:rules`, as far as its variables are known.
 * @returns `unknown` also for what is no expression: GitLab would refuse the configuration
 * @see https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
 */
export function evaluate(expression: string, lookup: Lookup): Truth {
  try {
    return new Parser(tokens(expression), lookup).whole();
  } catch (error) {
    if (error instanceof NoExpression) return "unknown";
    throw error;
  }
}

export const and = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === "unknown" || b === "unknown" ? "unknown" : true;

export const or = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === "unknown" || b === "unknown" ? "unknown" : false;

export const not = (a: Truth): Truth => (a === "unknown" ? a : !a);

class NoExpression extends Error {}

type Token =
  | { readonly is: "operator"; readonly text: string }
  | { readonly is: "variable"; readonly name: string }
  | { readonly is: "value"; readonly value: Value };

function tokens(expression: string): Token[] {
  const found: Token[] = [];
  const end = expression.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const match = TOKEN.exec(expression);
    if (!match) throw new NoExpression();
    found.push(tokenOf(match));
  }
  return found;
}

function tokenOf([, operator, variable, double, single, none, pattern, flags]: RegExpExecArray): Token {
  if (operator) return { is: "operator", text: operator };
  if (variable) return { is: "variable", name: variable };
  if (pattern !== undefined) return { is: "value", value: { kind: "pattern", source: `/${pattern}/${flags ?? ""}` } };
  return { is: "value", value: { kind: "text", text: none ? null : (double ?? single ?? "") } };
}

/** `||` binds least, then `&&`, then the comparisons. */
class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly lookup: Lookup,
  ) {}

  whole(): Truth {
    const truth = this.disjunction();
    if (this.at < this.tokens.length) throw new NoExpression();
    return truth;
  }

  private disjunction(): Truth {
    let truth = this.conjunction();
    while (this.take("||")) truth = or(truth, this.conjunction());
    return truth;
  }

  private conjunction(): Truth {
    let truth = this.comparison();
    while (this.take("&&")) truth = and(truth, this.comparison());
    return truth;
  }

  private comparison(): Truth {
    if (this.take("(")) {
      const truth = this.disjunction();
      if (!this.take(")")) throw new NoExpression();
      return truth;
    }
    const left = this.operand();
    const operator = ["==", "!=", "=~", "!~"].find((text) => this.take(text));
    if (!operator) return isSet(left);
    const truth = operator.includes("~") ? matches(left, this.operand()) : equals(left, this.operand());
    return operator.startsWith("!") ? not(truth) : truth;
  }

  private operand(): Value {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.is === "value") return token.value;
    if (token?.is === "variable") return { kind: "text", text: this.lookup(token.name) };
    throw new NoExpression();
  }

  private take(text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.is !== "operator" || token.text !== text) return false;
    this.at += 1;
    return true;
  }
}

/** A variable alone is true when it is there and not empty. */
function isSet(value: Value): Truth {
  if (value.kind === "pattern") throw new NoExpression();
  return value.text === undefined ? "unknown" : value.text !== null && value.text !== "";
}

function equals(a: Value, b: Value): Truth {
  if (a.kind === "pattern" || b.kind === "pattern") throw new NoExpression();
  return a.text === undefined || b.text === undefined ? "unknown" : a.text === b.text;
}

function matches(subject: Value, pattern: Value): Truth {
  if (subject.kind === "pattern") throw new NoExpression();
  // A variable may hold the pattern, with its slashes.
  const source = pattern.kind === "pattern" ? pattern.source : pattern.text;
  if (subject.text === undefined || source === undefined) return "unknown";
  if (subject.text === null || source === null) return false;
  const expression = regularExpression(source);
  return expression ? expression.test(subject.text) : "unknown";
}

/** `/source/flags`; GitLab's RE2 and JavaScript agree on what people write here. undefined: it is none. */
export function regularExpression(text: string): RegExp | undefined {
  const [, source, flags] = /^\/(.*)\/([imsU]*)$/s.exec(text) ?? [];
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, (flags ?? "").replace("U", ""));
  } catch {
    return undefined;
  }
}
