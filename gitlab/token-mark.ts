const MARK = "gitlab-ci-pusher ";

/** The description of the token declared at a construct path, `stack/pusher/Token`: what tells our tokens from others in GitLab. */
export const markOf = (path: string): string => `${MARK}${path}`;

/** The beginning of the descriptions of the variables of the pusher with this mark, `stack/pusher`. */
export const variableMark = (mark: string): string => `${MARK}${mark}:`;

/** The construct path in a token's description, or undefined when the token is none of ours. */
export function markedPath(description: string | null | undefined): string | undefined {
  return description?.startsWith(MARK) ? description.slice(MARK.length) : undefined;
}
