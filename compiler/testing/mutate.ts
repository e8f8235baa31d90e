/** Damaged texts: what typing errors, bad merges and broken files do to a program. */

import fc from 'fast-check';

type Edit = (text: string, at: number, length: number, junk: string) => string;

const EDITS: readonly Edit[] = [
  // Delete, insert, replace, duplicate, swap, cut off.
  (t, at, n) => t.slice(0, at) + t.slice(at + n),
  (t, at, _n, junk) => t.slice(0, at) + junk + t.slice(at),
  (t, at, n, junk) => t.slice(0, at) + junk + t.slice(at + n),
  (t, at, n) => t.slice(0, at + n) + t.slice(at),
  (t, at, n) => t.slice(0, at) + t.slice(at + n, at + 2 * n) + t.slice(at, at + n) + t.slice(at + 2 * n),
  (t, at, n) => (n === 0 ? t.slice(0, at) : t),
  renamed,
];

/** A word for another word of the text: mostly right to the parser, mostly wrong in names, types or builders. */
function renamed(text: string, at: number, length: number): string {
  const words = [...text.matchAll(/[A-Za-z_]\w*|\d[\w.]*|\.\$\d+/g)];
  const from = words.find((w) => w.index >= at) ?? words[0];
  const to = words[(length * 7 + at) % words.length];
  if (from === undefined || to === undefined) return text;
  return text.slice(0, from.index) + to[0] + text.slice(from.index + from[0].length);
}

/** What is put in: pieces of the language, so that the damage gets past the lexer, and bytes that are none. */
const junk = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...'( ) [ ] { } | || && , ; : . .$0 .$99 @ = == < <= + - * / % ! ^ & # \n 0 1 1L 2.0 1.5f 0x 0b2 1e400 200c 99999999999L'.split(
        ' ',
      ),
      ...' let x = x; for( merge( result( if( zip( rangeiter( vec[ dict[ merger[ appender[ dictmerger[ f64 bool'.split(
        ' ',
      ),
      ' true ',
      ' b ',
      ' e ',
      ' x ',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);

/** A text of `texts` with one to three edits. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({ which: fc.nat(EDITS.length - 1), where: fc.nat(999), length: fc.nat(12), junk });
  return fc.tuple(texts, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([text, edits]) =>
    edits.reduce((t, e) => {
      const apply = EDITS[e.which];
      return apply === undefined ? t : apply(t, Math.floor((t.length * e.where) / 1000), e.length, e.junk);
    }, text),
  );
}

/** A text of `texts` in which one or two words are other words of it. */
export function mixedUp(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(999), fc.nat(999));
  return fc
    .tuple(texts, fc.array(edit, { minLength: 1, maxLength: 2 }))
    .map(([text, edits]) =>
      edits.reduce((t, [from, to]) => renamed(t, Math.floor((t.length * from) / 1000), to), text),
    );
}
