import type { CauseId, LinkName } from "./cause";

/** The knowledge of one link between the job and the branch. */
export type Link =
  | { readonly link: LinkName; readonly status: "ok" | "unknown"; readonly detail: string }
  | {
      readonly link: LinkName;
      readonly status: "wrong";
      /** The thing that was seen: which rule, which level, which date. Never a value of a variable. */
      readonly detail: string;
      readonly cause: CauseId;
    };

export const ok = (link: LinkName, detail: string): Link => ({ link, status: "ok", detail });

export const unknown = (link: LinkName, detail: string): Link => ({ link, status: "unknown", detail });

export const wrong = (link: LinkName, cause: CauseId, detail: string): Link => ({
  link,
  status: "wrong",
  cause,
  detail,
});
