/** What can be said about an input without parsing it. Knows comments and strings, nothing else. */

export interface Scan {
  /** A string is open at the end. */
  readonly inText: boolean;
  /** The last character that is neither blank nor in a comment; empty when there is none. */
  readonly last: string;
}

const TEXT = /^"(?:[^"\\]|\\[\s\S])*"$/;

export function scan(text: string): Scan {
  let word = '';
  // Comments, strings with their escapes, single characters; an open string takes all the rest.
  for (const [found] of text.matchAll(/#[^\n]*|"(?:[^"\\]|\\[\s\S])*"?|\S/g)) if (!found.startsWith('#')) word = found;
  return { inText: word.startsWith('"') && !TEXT.test(word), last: word.slice(-1) };
}

/** The type aliases that a text begins with: their names, and all of their text. */
export function aliasesOf(text: string): { readonly names: readonly string[]; readonly text: string } {
  const names: string[] = [];
  let rest = text;
  for (;;) {
    const found = /^(?:\s|#[^\n]*\n)*type\s+([A-Za-z_$][\w$]*)[^;]*;/.exec(rest);
    if (found?.[1] === undefined) return { names, text: text.slice(0, text.length - rest.length) };
    names.push(found[1]);
    rest = rest.slice(found[0].length);
  }
}
