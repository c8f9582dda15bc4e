import type { Pipeline } from "../ci/job";
import type { Store } from "../store";
import type { MergeRequest } from "./merge-request";
import { commitIdsOf, headOf } from "./merge-requests";

/** Its own pipelines, then those of the source branch for its commits; the newest of each first. */
export async function pipelinesOfMergeRequest(store: Store, mergeRequest: MergeRequest): Promise<Pipeline[]> {
  const commits = new Set(await commitIdsOf(store, mergeRequest));
  const newestFirst = store.pipelinesOf(mergeRequest.projectId).reverse();
  const own = newestFirst.filter(({ mergeRequestId }) => mergeRequestId === mergeRequest.id);
  const ofBranch = newestFirst.filter(
    ({ mergeRequestId, tag, ref, sha }) =>
      mergeRequestId === null && !tag && ref === mergeRequest.sourceBranch && commits.has(sha),
  );
  return [...own, ...ofBranch];
}

/** The pipeline that counts for merging: the first of them for the newest commit. */
export async function headPipeline(store: Store, mergeRequest: MergeRequest): Promise<Pipeline | undefined> {
  const head = await headOf(store, mergeRequest);
  return (await pipelinesOfMergeRequest(store, mergeRequest)).find(({ sha }) => sha === head);
}
