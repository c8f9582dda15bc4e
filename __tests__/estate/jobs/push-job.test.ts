import { pipelineJobs } from "../../../estate/jobs/pipeline";
import { pushOfPushJob } from "../../../estate/jobs/push-job";

const FRAME = {
  project: "xlink/shop",
  ref: "main",
  tag: false,
  refProtected: true,
  defaultBranch: "main",
  baseUrl: "https://gitlab.example.com",
  secretKeys: new Set<string>(),
};

/** The push of a job with these variables and any script. */
const pushOf = (variables: string) => {
  const [job] = pipelineJobs(`push: {variables: ${variables}, script: [anything]}`, FRAME);
  return job && pushOfPushJob(job);
};

test("the push job's push is told by its inputs", () => {
  const variables = "PUSHER_TARGET: xlink/gitops, PUSHER_BRANCH: $CI_COMMIT_REF_NAME, PUSHER_VARIABLE: KEY";
  expect(pushOf(`{${variables}, PUSHER_SKIP_PIPELINE: "true", PUSHER_DEPTH: "0"}`)).toMatchObject({
    credential: { kind: "variable", key: "KEY" },
    project: "xlink/gitops",
    branch: "main",
    qualified: true,
    repository: "own",
    complete: true,
    skipsPipeline: true,
  });
});

test("what only the running job knows is not known, and another job is none", () => {
  expect(pushOf("{PUSHER_TARGET: $WHERE, PUSHER_BRANCH: $TO, PUSHER_VARIABLE: KEY}")).not.toMatchObject({
    project: expect.anything(),
  });
  expect(pushOf("{PUSHER_TARGET: xlink/gitops}")).toBeUndefined();
});
