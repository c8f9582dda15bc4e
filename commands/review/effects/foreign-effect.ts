import type { Foreign } from "../../stacks/foreign";
import { code } from "./change-in-words";
import type { EffectKind, Found } from "./effect";

/** An effect that people see for what it is, and that is a danger: nothing here knows what it does to who may push. */
export const foreignEffect = ({ what, address, actions, because }: Foreign): Found => ({
  kind: kindOf(actions),
  what: `${ARTICLES[what]} ${what} that this tool does not review: ${code(address)}${because ? `, which ${because}` : ""}`,
  danger: "no plan with it is deployed but by npx cdktf deploy",
  fails: true,
});

const ARTICLES: Readonly<Record<Foreign["what"], string>> = {
  resource: "a",
  "data source": "a",
  output: "an",
  action: "an",
};

function kindOf(actions: readonly string[]): EffectKind {
  if (actions.includes("create")) return actions.includes("delete") ? "replaced" : "created";
  const kinds: Readonly<Record<string, EffectKind>> = { delete: "destroyed", forget: "forgotten" };
  return kinds[actions[0] ?? ""] ?? "changed";
}
