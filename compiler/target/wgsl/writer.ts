/**
 * Lines of text with indentation. Knows braces and nothing else of WGSL.
 */

export interface Writer {
  /** Appends a line at the current depth; an empty one stays empty. */
  readonly line: (text?: string) => void;
  /** `head {`, what `body` writes one level deeper, then `}`. An empty head gives a bare block. */
  readonly block: (head: string, body: () => void) => void;
  /** `if (cond) { then } else { otherwise }`; null for no else. */
  readonly branch: (cond: string, then: () => void, otherwise: (() => void) | null) => void;
  readonly text: () => string;
}

export function createWriter(): Writer {
  const out: string[] = [];
  let depth = 0;
  const line = (text = ''): void => {
    out.push(text === '' ? '' : '  '.repeat(depth) + text);
  };
  const inner = (body: () => void): void => {
    depth++;
    body();
    depth--;
  };
  return {
    line,
    block: (head, body) => {
      line(head === '' ? '{' : `${head} {`);
      inner(body);
      line('}');
    },
    branch: (cond, then, otherwise) => {
      line(`if (${cond}) {`);
      inner(then);
      if (otherwise !== null) {
        line('} else {');
        inner(otherwise);
      }
      line('}');
    },
    text: () => `${out.join('\n')}\n`,
  };
}
