import { hiddenStateWarning } from "../../state/hidden-state";
import { isLeftOutWarning, LEFT_OUT, statesToRead } from "../../state/left-out-states";
import { StateError } from "../../state/state-error";

describe("the states that a synth is told to read", () => {
  test.each<[string, object, readonly string[] | undefined]>([
    ["nothing said", {}, undefined],
    ["none", { readStates: [] }, []],
    ["some", { state: "gitlab", readStates: ["one", "two"] }, ["one", "two"]],
  ])("GIVEN %s", (_, context, names) => {
    expect(statesToRead(context as Record<string, unknown>)).toEqual(names);
  });

  test.each([["one"], [[1]], [null], [["glpat-secret-of-olga", 7]]])("GIVEN %j THEN it is refused", (readStates) => {
    const read = () => statesToRead({ readStates });
    expect(read).toThrow(StateError);
    expect(read).toThrow(/^got readStates .* in the context; allowed: a list of stack names; fix: leave it out/);
    expect(read).not.toThrow(/glpat-/);
  });
});

test("a state that was left out is told from one that could not be read", () => {
  expect(isLeftOutWarning(hiddenStateWarning(LEFT_OUT, "all"))).toBe(true);
  expect(isLeftOutWarning(hiddenStateWarning("the state is encrypted", "all"))).toBe(false);
});
