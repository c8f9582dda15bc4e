import type { InventoryFile } from "./load";

/**
 * `stack/pusher`, as what a pusher has in GitLab is marked: by the names under which it was first deployed, which renamed files and
 * pushers keep in `was`.
 */
export const pusherMark = ({ stateName, content }: Pick<InventoryFile, "stateName" | "content">, id: string): string =>
  `${stateName}/${content.pushers[id]?.was ?? id}`;
