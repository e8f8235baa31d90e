/** Text kernels over strings like the comments of TPC-H: words, some forty bytes a row. Answers are counts and places. */

import { sumOf } from '../workloads/near.ts';
import type { Random } from '../workloads/random.ts';
import type { Instance, Workload } from '../workloads/workload.ts';

const ROWS = 5_000_000;

/** How many rows a column of flags has, and the sum of their numbers. */
const counted = (call: string, params: string): string => `|o: vec[i32], b: vec[u8], ${params}|
  let sums = for(${call}, {merger[i64,+], merger[i64,+]}, |s, i, e|
    if(e, {merge(s.$0, 1L), merge(s.$1, i)}, s));
  {result(sums.$0), result(sums.$1)}`;

const literal = (test: 'contains' | 'starts', pattern: string, about: string): Workload => ({
  name: `str_${test}`,
  about,
  peers: `text:${test}`,
  unit: 'strings',
  rows: ROWS,
  text: counted(`cudf[str_${test},vec[bool]](o, b, p)`, 'p: vec[u8]'),
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  make: (rows, random) => {
    const texts = comments(rows, random);
    const isFound = test === 'contains' ? (s: string) => s.includes(pattern) : (s: string) => s.startsWith(pattern);
    return instance(texts, [Buffer.from(pattern)], () => countWhere(texts.strings(), isFound));
  },
});

const REGEX = 'special.*requests$';
const regex: Workload = {
  name: 'str_matches',
  about: 'which comments a regular expression is found in',
  peers: 'text:matches',
  unit: 'strings',
  rows: 1_000_000,
  text: counted('cudf[str_matches,vec[bool]](o, b, p)', 'p: vec[u8]'),
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  make: (rows, random) => {
    const texts = comments(rows, random);
    const pattern = new RegExp(REGEX);
    return instance(texts, [Buffer.from(REGEX)], () => countWhere(texts.strings(), (s) => pattern.test(s)));
  },
};

const EXTRACT = '(\\w+) special (\\w+)';
const extract: Workload = {
  ...regex,
  name: 'str_extract',
  about: 'a word in the first match of a regular expression: how many there are, and their bytes',
  peers: 'text:extract',
  text: `|o: vec[i32], b: vec[u8], p: vec[u8]|
  let parts = cudf[str_extract,{vec[i32],vec[u8],vec[bool]}](o, b, p, 2L);
  {result(for(parts.$2, merger[i64,+], |s, i, e| merge(s, select(e, 1L, 0L)))), len(parts.$1)}`,
  make: (rows, random) => {
    const texts = comments(rows, random);
    const pattern = new RegExp(EXTRACT);
    return instance(texts, [Buffer.from(EXTRACT)], () => {
      let [count, bytes] = [0, 0];
      for (const s of texts.strings()) {
        const found = pattern.exec(s)?.[2];
        if (found === undefined) continue;
        count += 1;
        bytes += found.length;
      }
      return [count, bytes];
    });
  },
};

/** New strings: how many there are, and their bytes. */
const rewritten = (
  w: Pick<Workload, 'name' | 'about' | 'peers'>,
  call: string,
  more: readonly string[],
  js: (text: string) => string,
): Workload => ({
  ...regex,
  ...w,
  text: `|o: vec[i32], b: vec[u8]${more.map((_, k) => `, p${k}: vec[u8]`).join('')}|
  let texts = cudf[${w.name},{vec[i32],vec[u8]}](${call});
  {len(texts.$0) - 1L, len(texts.$1)}`,
  make: (rows, random) => {
    const texts = comments(rows, random);
    return instance(
      texts,
      more.map((p) => Buffer.from(p)),
      () => {
        let bytes = 0;
        for (const s of texts.strings()) bytes += js(s).length;
        return [rows, bytes];
      },
    );
  },
});

const slice: Workload = {
  ...regex,
  name: 'str_slice',
  about: 'eight characters of comments: how many parts there are, and their bytes',
  peers: 'text:slice',
  text: `|o: vec[i32], b: vec[u8]|
  let parts = cudf[str_slice,{vec[i32],vec[u8],vec[bool]}](o, b, 4L, 12L);
  {len(parts.$2), len(parts.$1)}`,
  make: (rows, random) => {
    const texts = comments(rows, random);
    return instance(texts, [], () => [rows, texts.strings().reduce((sum, s) => sum + s.slice(4, 12).length, 0)]);
  },
};

/** Sixteen, of which one comment in five holds any. */
const SIXTEEN = [
  ...[
    'special requests',
    'pending deposits',
    'unusual',
    'express packages',
    'customer',
    'complaint',
    'furiously final',
  ],
  ...['ironic foxes', 'bold ideas', 'regular theodolites', 'quickly', 'silent wake', 'xylophone', 'even dinos'],
  ...['Customer', 'slyly above the'],
];

const several = (
  w: Pick<Workload, 'name' | 'about' | 'peers'> & { readonly text: string },
  js: Counting,
): Workload => ({
  unit: 'strings',
  rows: 1_000_000,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
  make: (rows, random) => {
    const texts = comments(rows, random);
    const offsets = Int32Array.from({ length: SIXTEEN.length + 1 }, (_, p) => SIXTEEN.slice(0, p).join('').length);
    return instance(texts, [offsets, Buffer.from(SIXTEEN.join(''))], () => js(texts.strings()));
  },
});
type Counting = (strings: readonly string[]) => readonly [number, number];

function sumOfMasks(strings: readonly string[]): readonly [number, number] {
  let [count, masks] = [0, 0];
  for (const s of strings) {
    let mask = 0;
    for (let p = 0; p < SIXTEEN.length; p++) if (s.includes(SIXTEEN[p] as string)) mask |= 1 << p;
    if (mask !== 0) count += 1;
    masks += mask;
  }
  return [count, masks];
}

export const TEXT: readonly Workload[] = [
  literal('contains', 'special requests', 'which comments hold two words'),
  literal('starts', 'furiously', 'which comments begin with a word'),
  regex,
  extract,
  slice,
  rewritten({ name: 'str_lower', about: 'comments in lower case', peers: 'text:lower' }, 'o, b', [], (s) =>
    s.toLowerCase(),
  ),
  rewritten({ name: 'str_upper', about: 'comments in upper case', peers: 'text:upper' }, 'o, b', [], (s) =>
    s.toUpperCase(),
  ),
  rewritten(
    { name: 'str_replace', about: 'comments with a shorter word for a longer one', peers: 'text:replace' },
    'o, b, p0, p1, true',
    ['furiously', 'fast'],
    (s) => s.replaceAll('furiously', 'fast'),
  ),
  several(
    {
      name: 'str_contains_any',
      about: 'which of sixteen patterns comments hold, as bits',
      peers: 'text:contains_any',
      text: `|o: vec[i32], b: vec[u8], po: vec[i32], pb: vec[u8]|
  let sums = for(cudf[str_contains_any,vec[u64]](o, b, po, pb), {merger[i64,+], merger[i64,+]}, |s, i, e|
    {merge(s.$0, select(e == u64(0), 0L, 1L)), merge(s.$1, i64(e))});
  {result(sums.$0), result(sums.$1)}`,
    },
    sumOfMasks,
  ),
  several(
    {
      name: 'str_find_any',
      about: 'which comments hold one of sixteen patterns',
      peers: 'text:find_any',
      text: counted('map(cudf[str_find_any,vec[i32]](o, b, po, pb), |p| p >= 0)', 'po: vec[i32], pb: vec[u8]'),
    },
    (strings) => countWhere(strings, (s) => SIXTEEN.some((p) => s.includes(p))),
  ),
];

interface Texts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  /** The same for JavaScript. */
  strings(): readonly string[];
}

const instance = (t: Texts, rest: Instance['inputs'], js: () => readonly [number, number]): Instance => ({
  inputs: [t.offsets, t.bytes, ...rest],
  js: () => js().map((n) => [n]),
  near: ['exact', sumOf(0)],
});

/** How many strings are found, and the sum of their places. */
function countWhere(strings: readonly string[], isFound: (s: string) => boolean): readonly [number, number] {
  let [count, places] = [0, 0];
  for (let i = 0; i < strings.length; i++) {
    if (isFound(strings[i] as string)) {
      count += 1;
      places += i;
    }
  }
  return [count, places];
}

const WORDS = (
  'the furiously carefully quickly slyly blithely ironic final regular express special pending bold even silent ' +
  'requests deposits packages accounts instructions foxes ideas theodolites pinto beans dependencies excuses platelets ' +
  'asymptotes courts dolphins multipliers sauternes warthogs frets dinos attainments somas sleep wake haggle nag cajole ' +
  'detect integrate boost doze engage above along among beyond according about after against across'
).split(' ');

/** Comments of four to eight words. */
function comments(rows: number, random: Random): Texts {
  const words = WORDS.map((w) => Buffer.from(`${w} `));
  const offsets = new Int32Array(rows + 1);
  let bytes = Buffer.alloc(rows * 48 + 256);
  let at = 0;
  for (let r = 0; r < rows; r++) {
    if (at + 256 > bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2);
    for (let k = random.whole(4, 8); k > 0; k--) {
      at += (words[random.whole(0, words.length - 1)] as Buffer).copy(bytes, at);
    }
    // Without the last blank.
    offsets[r + 1] = --at;
  }
  const used = bytes.subarray(0, at);
  const strings = (): readonly string[] => {
    made ??= Array.from({ length: rows }, (_, r) => used.toString('latin1', offsets[r], offsets[r + 1]));
    return made;
  };
  let made: readonly string[] | null = null;
  return { offsets, bytes: new Uint8Array(used.buffer, used.byteOffset, used.length), strings };
}
