/** Numbers and tables of reports. */

export const fixed = (x: number, digits: number): string =>
  x.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** A Markdown table with its columns aligned; the cells of a column whose head begins with `>` stand right. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = heads.map((h) => h.startsWith('>'));
  const names = heads.map((h) => h.replace(/^>/, ''));
  const widths = names.map((h, k) => Math.max(3, h.length, ...rows.map((r) => (r[k] ?? '').length)));
  const cell = (text: string, k: number): string =>
    right[k] === true ? text.padStart(widths[k] ?? 0) : text.padEnd(widths[k] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = widths.map((w, k) => (right[k] === true ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w)));
  return [line(names), `| ${rule.join(' | ')} |`, ...rows.map(line), ''].join('\n');
}
