/** What WELD_DEBUG writes on standard error, a line or more at a time. */

/** Writes a text where it is wanted; it is made only then. */
export function log(wanted: boolean, text: () => string): void {
  if (wanted) console.error(`weld: ${text()}`);
}

/** A time for people. */
export const ms = (t: number): string => `${t.toFixed(2)} ms`;
