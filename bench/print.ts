const printed: string[] = [];

/** Prints a part of a figure, and keeps it until it is taken. */
export function print(text: string): void {
  console.log(text);
  printed.push(text);
}

/** Takes all that was printed since the last time. */
export const takePrinted = (): string => printed.splice(0).join("\n").replace(/^\n+/, "").trimEnd();
