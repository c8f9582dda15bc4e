import type { HttpAnswer, HttpCall } from "../../gitlab/http-call";
import { DeployedState } from "../../state/deployed-state";
import { refuseLeftInGitLab } from "../../state/left-in-gitlab";
import { LEFT_OUT } from "../../state/left-out-states";
import type { StackState } from "../../state/stack-state";
import { httpAnswer } from "../support/http-answer";
import { stateText } from "../support/state-text";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const ENVIRONMENT = {
  GITLAB_BASE_URL: "https://gitlab.example.com",
  TF_HTTP_USERNAME: "olga",
  TF_HTTP_PASSWORD: "secret-of-olga",
};
const MOVED = { state: "local", stateProject: "ops/pushers" };

const local = (text: string | undefined, hidden?: string): StackState => ({
  backend: { kind: "local", file: "/ops/.state/ops.tfstate" },
  deployed: DeployedState.fromText(text, { name: "x", mend: "y" }),
  hidden,
});

/** What GitLab is asked, when it has this. */
const gitlab = (status: number, text: string) => mockCall.mockImplementation(async () => httpAnswer(text, status));
afterEach(() => mockCall.mockReset());

describe("local states, with a stateProject", () => {
  test.each([
    ["a state", stateText()],
    ["an encrypted state", '{"serial": 1, "encrypted_data": "x"}'],
  ])("GIVEN no file, and %s in GitLab THEN the synth is refused", async (_, text) => {
    gitlab(200, text);
    await expect(refuseLeftInGitLab(MOVED, ENVIRONMENT, [local(undefined)])).rejects.toThrow(
      /got local states in cdktf\.json, no file of ops, and a state of that name in ops\/pushers; .*; fix: npx gitlab-ci-pusher state move, /,
    );
  });

  test("GIVEN no file, and none in GitLab THEN the stack is new", async () => {
    const asked = gitlab(404, '{"message": "404 Terraform State Not Found"}');
    await refuseLeftInGitLab(MOVED, ENVIRONMENT, [local(undefined)]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test.each<[string, Record<string, string>, Record<string, string>, StackState]>([
    ["a file", MOVED, ENVIRONMENT, local(stateText())],
    ["a stack that is left out", MOVED, ENVIRONMENT, local(undefined, LEFT_OUT)],
    ["no stateProject", {}, ENVIRONMENT, local(undefined)],
    ["no credentials", MOVED, {}, local(undefined)],
    ["states in GitLab", { ...MOVED, state: "gitlab" }, ENVIRONMENT, local(undefined)],
  ])("GIVEN %s THEN GitLab is not asked", async (_, context, environment, state) => {
    const asked = gitlab(200, stateText());
    await refuseLeftInGitLab(context, environment, [state]);
    expect(asked).not.toHaveBeenCalled();
  });
});
