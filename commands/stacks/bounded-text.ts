/** The characters that are kept at the beginning, and as many at the end: together less than GitLab keeps of a job's log (4 MB). */
const KEPT = 200_000;

/** Ends what may be a token. A part of one looks like none, so none is cut. */
const BOUNDARY = /[^\w%+./=~-]/;

/** The words of a program, for people, in memory that has a limit: lines in the middle of a very long text are left out, and counted. */
export class BoundedText {
  private head = "";
  private tail = "";
  /** Characters that were in neither any more. */
  private dropped = 0;

  add(text: string): void {
    const room = KEPT - this.head.length;
    if (room > 0) this.head += text.slice(0, room);
    if (text.length <= room) return;
    this.tail += text.slice(Math.max(0, room));
    // Twice of it, so that not every piece is copied.
    if (this.tail.length <= 2 * KEPT) return;
    this.dropped += this.tail.length - KEPT;
    this.tail = this.tail.slice(-KEPT);
  }

  get isCut(): boolean {
    return this.dropped > 0;
  }

  toString(): string {
    if (!this.isCut) return this.head + this.tail;
    // A line is left out whole, where there are lines.
    const [lastEnd, firstEnd] = [this.head.lastIndexOf("\n"), this.tail.indexOf("\n")];
    const begin = lastEnd < 0 ? `${untilLastBoundary(this.head)}\n` : this.head.slice(0, lastEnd + 1);
    const end = firstEnd < 0 ? fromFirstBoundary(this.tail) : this.tail.slice(firstEnd + 1);
    return `${begin}[some ${this.dropped} characters are left out here]\n${end}`;
  }
}

function untilLastBoundary(text: string): string {
  let end = text.length;
  while (end > 0 && !BOUNDARY.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function fromFirstBoundary(text: string): string {
  const begin = text.search(BOUNDARY);
  return begin < 0 ? "" : text.slice(begin);
}
