import { checkOperatorToken } from "../../../commands/stacks/operator-token";

const check = (environment: NodeJS.ProcessEnv) => () => checkOperatorToken(environment);

test.each<[string, NodeJS.ProcessEnv, string]>([
  [
    "the name of a variable that the job does not get",
    { GITLAB_TOKEN: "$PUSHER_READ_TOKEN" },
    "got GITLAB_TOKEN=$PUSHER_READ_TOKEN, the name of a variable that this job does not get; allowed: a token of the operator",
  ],
  ["nothing, in a pipeline", { GITLAB_TOKEN: "", GITLAB_CI: "true" }, "got no GITLAB_TOKEN; allowed: "],
])("GIVEN %s THEN it is refused before anything is planned", (_, environment, message) => {
  expect(check(environment)).toThrow(message);
});

test.each<[string, NodeJS.ProcessEnv]>([
  ["a token", { GITLAB_TOKEN: "glpat-x", GITLAB_CI: "true" }],
  ["none at a desk, where the provider may be told another way", {}],
])("GIVEN %s THEN it goes on", (_, environment) => {
  expect(check(environment)).not.toThrow();
});
