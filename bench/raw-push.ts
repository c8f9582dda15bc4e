import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

/** One object of Git's as it is hashed and packed. */
export interface GitObject {
  readonly type: "commit" | "tree";
  readonly content: Buffer;
}

export interface RefUpdate {
  /** Such as `refs/heads/main`. */
  readonly ref: string;
  readonly old: string;
  readonly new: string;
}

/** GitLab's answer to a push of one ref. */
export interface PushReport {
  /** `overtaken`: the rules let it in, but another push had moved the branch meanwhile. */
  readonly outcome: "accepted" | "overtaken" | "refused";
  /** The text that the client would show after `remote:`. */
  readonly remote: string;
}

const TYPE_NUMBERS = { commit: 1, tree: 2 } as const;

/** A tree without files, which commits nobody looks into can share. */
export const EMPTY_TREE: GitObject = { type: "tree", content: Buffer.alloc(0) };

export const idOf = ({ type, content }: GitObject): string =>
  createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");

/** A commit of the empty tree. @param parent none = a root commit, which shares no history with any branch */
export function commitOf(message: string, parent?: string): GitObject {
  const who = "Ann <ann@example.com> 1700000000 +0000";
  const lines = [
    `tree ${idOf(EMPTY_TREE)}`,
    ...(parent ? [`parent ${parent}`] : []),
    `author ${who}`,
    `committer ${who}`,
    "",
    message,
    "",
  ];
  return { type: "commit", content: Buffer.from(lines.join("\n")) };
}

/**
 * The body that `git push` posts to `git-receive-pack`: the update of one ref, and a pack of the objects.
 * @see https://git-scm.com/docs/pack-protocol and https://git-scm.com/docs/pack-format
 */
export function pushRequest({ old, new: next, ref }: RefUpdate, objects: readonly GitObject[]): Buffer {
  const update = packetLine(`${old} ${next} ${ref}\0 report-status side-band-64k`);
  return Buffer.concat([update, Buffer.from("0000"), packOf(objects)]);
}

/** @throws Error when the answer is neither an acceptance nor a refusal by the rules */
export function readReport(answer: Buffer): PushReport {
  const bands = { 1: Buffer.alloc(0), 2: Buffer.alloc(0) };
  for (const packet of packets(answer)) {
    const band = packet[0];
    if (band === 1 || band === 2) bands[band] = Buffer.concat([bands[band], packet.subarray(1)]);
  }
  const report = packets(bands[1]).map((line) => line.toString().trim());
  const remote = bands[2].toString().trim();
  return { outcome: outcomeOf(report, remote), remote };
}

function outcomeOf(report: readonly string[], remote: string): PushReport["outcome"] {
  const verdict = report.find((line) => /^(ok|ng) /.test(line)) ?? "";
  if (verdict.startsWith("ok ")) return "accepted";
  if (/failed to update ref|incorrect old value provided|remote ref updated/.test(verdict)) return "overtaken";
  if (verdict.endsWith("pre-receive hook declined") && remote.includes("You are not allowed to ")) return "refused";
  throw new Error(`expected an answer by the branch rules; got ${JSON.stringify(report)} and: ${remote}`);
}

function packOf(objects: readonly GitObject[]): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([
    head,
    ...objects.flatMap((object) => [entryHead(object), deflateSync(object.content, { level: 1 })]),
  ]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** Type and size: four bits of the size beside the type, then seven a byte, lowest first, the top bit set while more follow. */
function entryHead({ type, content }: GitObject): Buffer {
  const bytes = [(TYPE_NUMBERS[type] << 4) | (content.length & 15)];
  for (let rest = content.length >> 4; rest > 0; rest >>= 7) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

const packetLine = (text: string): Buffer =>
  Buffer.from(`${(Buffer.byteLength(text) + 4).toString(16).padStart(4, "0")}${text}`);

/** The contents of the packet lines; flush packets are left out. */
function packets(data: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    const length = Number.parseInt(data.toString("latin1", at, at + 4), 16);
    if (Number.isNaN(length)) throw new Error(`expected a packet line; got ${data.toString("utf8", at, at + 100)}`);
    if (length > 4) found.push(data.subarray(at + 4, at + length));
    at += Math.max(length, 4);
  }
  return found;
}
