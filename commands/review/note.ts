import { formOf, maybe, text, whole } from "../../gitlab/answer-form";
import { ApiClient, type ApiPath } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import { ExpectedError } from "../../gitlab/expected-error";
import { describe } from "../../gitlab/problem";
import { isSet } from "../pipeline-variable";
import { during } from "../progress";
import { ALL, noteBody, partOf } from "./note-body";
import type { Review } from "./review";
import { asMarkdown } from "./summary";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The fate of the note: `unneeded` when nothing is planned and there is none, `outdated` when the merge request has a newer commit,
 * which another job plans.
 */
export type NoteOutcome = "made" | "changed" | "unchanged" | "unneeded" | "outdated";

/** Fields of GitLab's answers that are looked at. */
interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number } | null;
}

const AUTHOR = formOf<{ id: number }>({ id: whole });
const NOTE = formOf<Note>({ id: whole, body: text, author: maybe(AUTHOR) });

type Told = Pick<Review, "effects" | "access" | "undeclared" | "code" | "digest" | "notes">;

/** The note on a merge request that tells what its merge would deploy; each part of the stacks has its own. */
export class MergeRequestNote {
  private constructor(
    private readonly client: ApiClient,
    private readonly path: ApiPath,
    /** The head of the merge request when the pipeline began. */
    private readonly commit: string,
    private readonly jobUrl: string | undefined,
    private readonly environment: Environment,
  ) {}

  /**
   * The note of the merge request whose pipeline this is, kept as `PUSHER_NOTE_TOKEN`; or what is missing, for people.
   * @throws ExpectedError when the token or GitLab's address cannot be used; the message does not hold the token
   */
  static of(environment: Environment): MergeRequestNote | string {
    const { CI_API_V4_URL, CI_MERGE_REQUEST_PROJECT_ID, CI_MERGE_REQUEST_IID, CI_COMMIT_SHA, CI_JOB_URL } = environment;
    const head = environment.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || CI_COMMIT_SHA;
    if (!CI_API_V4_URL || !CI_MERGE_REQUEST_PROJECT_ID || !CI_MERGE_REQUEST_IID || !head) {
      return "this is no pipeline of a merge request";
    }
    const token = environment.PUSHER_NOTE_TOKEN;
    if (!isSet(token)) return "PUSHER_NOTE_TOKEN is not set";
    const client = new ApiClient({ baseUrl: CI_API_V4_URL, token });
    const path = ["projects", CI_MERGE_REQUEST_PROJECT_ID, "merge_requests", CI_MERGE_REQUEST_IID];
    return new MergeRequestNote(client, path, head, CI_JOB_URL || undefined, environment);
  }

  /**
   * Makes the note, or brings it up to date.
   * @param part of the stacks that the review is of, `2/3`
   * @throws ApiError
   */
  async tell(review: Told, part = ALL): Promise<NoteOutcome> {
    const { sha } = await this.client.get<{ readonly sha?: unknown }>(this.path);
    if (sha !== this.commit) return "outdated";
    const own = await this.ownNotes();
    const [oldest, ...copies] = own.filter(({ body }) => partOf(body) === part);
    const outcome = await this.write(oldest, review, part);
    // Two jobs at once make two; and once there are more or fewer parts, the old ones say nothing any more.
    const others = own.filter(({ body }) => totalOf(partOf(body)) !== totalOf(part));
    for (const { id } of [...copies, ...others]) await this.remove(id);
    return outcome;
  }

  private async write(note: Note | undefined, review: Told, part: string): Promise<NoteOutcome> {
    if (!note && isQuiet(review)) return "unneeded";
    const body = noteBody({
      summary: asMarkdown(review, this.environment),
      commit: this.commit,
      jobUrl: this.jobUrl,
      part,
    });
    if (!note) {
      await this.client.post([...this.path, "notes"], { body });
      return "made";
    }
    if (plain(note.body) === plain(body)) return "unchanged";
    await this.client.put([...this.path, "notes", note.id], { body });
    return "changed";
  }

  /** Those of the token's own user with our marker, the oldest first: anybody can write a marker. */
  private async ownNotes(): Promise<Note[]> {
    const me = await this.client.get<{ readonly id: number }>(["user"], {}, AUTHOR);
    const query = { sort: "asc", order_by: "created_at", activity_filter: "only_comments" };
    const notes = await this.client.list<Note>([...this.path, "notes"], query, NOTE);
    return notes.filter(({ author, body }) => author?.id === me.id && partOf(body)).sort((a, b) => a.id - b.id);
  }

  private async remove(id: number): Promise<void> {
    try {
      await this.client.delete([...this.path, "notes", id]);
    } catch (error) {
      // The job of another part was faster.
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
}

const isQuiet = ({ effects, undeclared, code }: Told): boolean =>
  effects.length + undeclared.length + code.length === 0;

/** The line ends of a form, and none at the end, are no change. */
const plain = (body: string): string => body.replaceAll("\r\n", "\n").trimEnd();

const totalOf = (part: string | undefined): string | undefined => part?.split("/").at(-1);

export interface NoteRequest {
  /** That of the job. */
  readonly environment: Environment;
  /** The part of the stacks that the review is of, `2/3`. @default - all of them */
  readonly part?: string;
  /** The folder that `gitlab-ci-pusher review --out` wrote. @default - none */
  readonly out?: string;
  readonly stderr: { write(text: string): unknown };
}

/**
 * Tells a merge request what its merge would deploy, as far as it can: what hinders it is said on `stderr`, and no failure of the
 * review, whose summary is kept in the folder `out` all the same.
 */
export async function tellMergeRequest(
  review: Told,
  { environment, part, out, stderr }: NoteRequest,
): Promise<NoteOutcome | undefined> {
  const elsewhere = out === undefined ? "the summary is in the job's log only" : `the summary is in ${out} only`;
  try {
    const note = MergeRequestNote.of(environment);
    if (note instanceof MergeRequestNote) {
      const outcome = await during("Writing the note", note.tell(review, part), stderr);
      if (outcome === "outdated")
        stderr.write("No note: the merge request has a newer commit, whose own pipeline tells.\n");
      return outcome;
    }
    stderr.write(`No note on a merge request: ${note}; ${elsewhere}.\n`);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    stderr.write(`The merge request has no note of this plan, ${elsewhere}: ${reasonOf(error)}\n`);
  }
  return undefined;
}

function reasonOf(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  return describe({
    got: error.reason,
    allowed: "a PUSHER_NOTE_TOKEN with scope api, of a Reporter of the project with the merge request",
    fix: REFUSED.includes(error.status ?? 0)
      ? "check that the token is alive, its scope, and the role of its user; a project access token does"
      : "retry the job later",
  });
}

const REFUSED = [401, 403, 404];
