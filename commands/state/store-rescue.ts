import { readFileSync } from "node:fs";
import type { Problem } from "../../gitlab/problem";
import { DeployedState } from "../../state/deployed-state";
import { lineageOf, stateForm } from "../../state/state-form";
import { CommandError } from "../exit-code";
import { isSameContent } from "./content";
import { notGivenBack } from "./copy-state";
import type { StoredState } from "./stored-state";

/**
 * Stores a state that Terraform could not store, and reads it back. The file stays.
 * @throws CommandError when it is no state, or does not come after the one that is there; StateLocked
 */
export async function storeRescue(stored: StoredState, file: string): Promise<void> {
  const written = readFileSync(file, "utf8");
  const form = stateForm(written);
  const text = form === "encrypted" ? await stored.decrypted(file) : written;
  if (form === "broken" || text === undefined) throw new CommandError(broken(file));
  const stranger = strangerIn(text, stored.place.name);
  if (stranger !== undefined) throw new CommandError(anothers(file, stored.place.name, stranger));
  const before = await stored.read();
  if (before !== undefined) {
    if (isSameContent(before, text)) return;
    // Terraform takes a state without a lineage for the successor of every other.
    if (lineageOf(text).lineage === undefined) throw new CommandError(unrelated(stored.place.where, file));
  }
  await stored.write(text);
  const after = await stored.read();
  if (after !== undefined && isSameContent(after, text)) return;
  throw new CommandError(notGivenBack(stored.place, `what was stored of ${file}; the file stays`));
}

/** The stack that a token in a state was made for, when it is not this one. */
function strangerIn(text: string, stateName: string): string | undefined {
  const { tokens } = DeployedState.fromText(text, { name: "the file", mend: "" });
  const stacks = [...tokens.keys()].map((mark) => mark.split("/")[0]);
  return stacks.find((stack) => stack !== stateName);
}

const anothers = (file: string, stateName: string, stranger: string): Problem => ({
  got: `${file}, a state of ${stranger}`,
  allowed: `one of ${stateName}`,
  fix: `npx gitlab-ci-pusher state push ${stranger} --file ${file}`,
});

const broken = (file: string): Problem => ({
  got: `${file}, which is no whole state`,
  allowed: "what Terraform wrote when it could not store the state",
  fix: "remove it, deploy, and let `npx gitlab-ci-pusher status` find the tokens that no state knows",
});

const unrelated = (where: string, file: string): Problem => ({
  got: `another state in ${where}, and in ${file} that of a first deploy, which knows of no other`,
  allowed: "a state that comes after the one it replaces",
  fix: "remove the file if it is out of date; `npx gitlab-ci-pusher status` finds the tokens that only it knew",
});
