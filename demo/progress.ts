import Table from "cli-table3";
import colors from "picocolors";

/** Shows each step while it runs and when it is done, and all of them in a table at the end. */
export class Progress {
  private readonly done: [step: string, what: string, result: string][] = [];
  private readonly begun = Date.now();

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Does one step of the demo; `act` returns what the table says came of it. */
  async step(name: string, what: string, act: () => Promise<string>): Promise<void> {
    const started = Date.now();
    this.begin(`${name}: ${what}`);
    try {
      const result = await act();
      this.done.push([name, what, result]);
      this.end(colors.green("  ok  "), started, `${name}: ${what}`);
    } catch (error) {
      this.end(colors.red("failed"), started, `${name}: ${what}`);
      throw error;
    }
  }

  /** The steps as a table, or one under the other where the terminal is too narrow for one. */
  table(): string {
    const columns = this.stream.columns ?? 127;
    const summary = `${this.done.length} steps in ${seconds(Date.now() - this.begun)}`;
    if (columns < 90) return [...this.done.map(([step, , result]) => `${step}: ${result}`), summary].join("\n");
    const wide = Math.min(columns, 127) - 19;
    const what = Math.round(wide * 0.55);
    const table = new Table({
      head: ["Step", "What was done", "Result"],
      style: { head: colors.isColorSupported ? ["bold"] : [], border: [], compact: true },
      colWidths: [15, what, wide - what],
      wordWrap: true,
    });
    table.push(...this.done);
    return `${table.toString()}\n${summary}`;
  }

  private begin(text: string): void {
    // A line that wrapped could not be taken back.
    if (this.stream.isTTY) this.stream.write(`  …    running  ${text}`.slice(0, (this.stream.columns || 80) - 1));
  }

  private end(result: string, started: number, text: string): void {
    if (this.stream.isTTY) this.stream.write("\r\x1b[K");
    this.stream.write(`${result} ${seconds(Date.now() - started).padStart(7)}  ${text}\n`);
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
