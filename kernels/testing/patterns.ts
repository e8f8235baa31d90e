/** Random regular expressions, of the syntax that ours have in common with JavaScript's. */

import fc from 'fast-check';

const ATOMS = [
  'a',
  'b',
  'c',
  '.',
  '[ab]',
  '[^a]',
  '[a-c€-😀]',
  '\\d',
  '\\w',
  '\\W',
  'é',
  '😀',
  '€',
  '[^é]',
  '\\n',
  '\\.',
];
const PLACES = ['^', '$', '\\b', '\\B'];
const REPEATS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{0,2}', '{1,3}?', '{2,}'];

/** A pattern with up to `depth` brackets in brackets. */
export function patternArb(depth = 2): fc.Arbitrary<string> {
  const atom = fc.constantFrom(...ATOMS);
  const inner = depth === 0 ? atom : fc.oneof(atom, bracketArb(depth));
  const repeated = fc.tuple(inner, fc.constantFrom('', '', ...REPEATS)).map(([a, r]) => a + r);
  const item = fc.oneof({ weight: 6, arbitrary: repeated }, { weight: 1, arbitrary: fc.constantFrom(...PLACES) });
  const sequence = fc.array(item, { maxLength: 4 }).map((items) => items.join(''));
  return fc.oneof(
    { weight: 3, arbitrary: sequence },
    { weight: 1, arbitrary: fc.array(sequence, { minLength: 2, maxLength: 3 }).map((all) => all.join('|')) },
  );
}

const bracketArb = (depth: number): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom('(', '(?:', '(?<g>'), patternArb(depth - 1)).map(([open, p]) => {
    // A name may stand once in a pattern; here they would be several.
    return `${open === '(?<g>' ? '(' : open}${p})`;
  });

/** Texts that such patterns are found in. */
export const foundTextArb: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ab', 'd', '1', ' ', '\n', 'é', '€', '😀', '.', 'A', '_'), { maxLength: 12 })
  .map((parts) => parts.join(''));
