/**
 * A call of every primitive of `kernels/` with arguments of any shape: what the contract of kernels is tested with. A new
 * primitive needs a line here.
 */

import {
  BOOL,
  I64,
  plainMemory,
  SCALAR_KINDS,
  type ScalarKind,
  scalar,
  type Type,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { SET_NAMES } from '../bits/bits.ts';
import { ASOF_NAMES } from '../join/asof.ts';
import { JOIN_NAMES } from '../join/join.ts';
import { ACTIVATIONS } from '../matrix/activation.ts';
import { gemmNameOf } from '../matrix/gemm-bias.ts';
import { RANK_NAMES } from '../order/rank.ts';
import { sort } from '../order/sort.ts';
import { SCAN_NAMES } from '../scan/scan.ts';
import { SEG_SCAN_NAMES } from '../scan/seg-scan.ts';
import { column } from './columns.ts';
import { type Chance, columnIn, type Shape, textsIn } from './shapes.ts';
import { bytesValue, stringColumn } from './strings.ts';

/** An argument and its type. */
export type Arg = readonly [Value, Type];

const i64 = (n: number): Arg => [BigInt(n), I64];
const flag = (b: boolean): Arg => [b, BOOL];
const vecArg = (v: VecValue): Arg => [v, vec(v.elem)];

/** Arguments of one shape: `kind` for primitives that take several, columns of `rows` rows. */
export class Draw {
  readonly shape: Shape;
  readonly kind: ScalarKind;
  readonly rows: number;
  readonly chance: Chance;

  constructor(shape: Shape, kind: ScalarKind, most: number, chance: Chance) {
    this.shape = shape;
    this.kind = kind;
    this.rows = shape === 'none' ? 0 : shape === 'one' ? 1 : most;
    this.chance = chance;
  }

  below(n: number): number {
    return this.chance() % n;
  }
  flag(): Arg {
    return flag(this.below(2) === 1);
  }
  flags(rows = this.rows): Arg {
    return this.column('bool', rows);
  }
  column(kind: ScalarKind = this.kind, rows = this.rows): Arg {
    return vecArg(columnIn(this.shape, kind, rows, this.chance));
  }
  /** Of numbers. */
  get number(): ScalarKind {
    return this.kind === 'bool' ? 'i16' : this.kind;
  }
  get float(): 'f32' | 'f64' {
    return this.kind === 'f32' ? 'f32' : 'f64';
  }
  sorted(kind: ScalarKind = this.kind, rows = this.rows): Arg {
    return [sort.run([false, columnIn(this.shape, kind, rows, this.chance)], plainMemory), vec(scalar(kind))];
  }
  /** A column of strings, between bytes that are of no string. */
  strings(rows = this.rows): readonly [Arg, Arg] {
    const kind = this.below(2) === 0 ? 'i32' : 'i64';
    const { args, types } = stringColumn(textsIn(this.shape, rows, this.chance), { kind, before: [97], after: [98] });
    return [
      [args[0], types[0]],
      [args[1], types[1]],
    ];
  }
  text(...of: readonly string[]): Arg {
    return vecArg(bytesValue(of[this.below(of.length)] ?? ''));
  }
}

type Make = (d: Draw) => readonly Arg[];
const all = (names: readonly string[], make: Make): Readonly<Record<string, Make>> =>
  Object.fromEntries(names.map((name) => [name, make]));

// ---- by area -----------------------------------------------------------------------------------------------------

const directions = (d: Draw, count: number): Arg => vecArg(columnIn('random', 'bool', count, d.chance));
const ORDER: Readonly<Record<string, Make>> = {
  argsort: (d) => [directions(d, 2), d.column(), d.column('i16')],
  argsort_bytes: (d) => {
    const [offsets, bytes] = stringColumn(textsIn(d.shape, d.rows, d.chance), { kind: 'i64' }).args;
    return [d.flag(), vecArg(offsets), vecArg(bytes)];
  },
  argtopk: (d) => [i64(d.below(d.rows + 3)), directions(d, 2), d.column(), d.column('f32')],
  sort: (d) => [d.flag(), d.column()],
  kth: (d) => [vecArg(column('i64', d.rows === 0 ? [] : [0, d.below(d.rows), d.rows - 1])), d.column()],
  quantile: (d) => [vecArg(column('f64', [0, d.below(1000) / 1000, 1])), d.column(d.number)],
  searchsorted: (d) => [d.flag(), d.sorted(), d.column()],
  unique: (d) => [d.column()],
  ...all(RANK_NAMES, (d) => [d.flag(), d.column()]),
  ...all(SCAN_NAMES, (d) => [d.column(d.number)]),
  ...all(SEG_SCAN_NAMES, (d) => [d.flags(), d.column(d.number)]),
};

/** Sizes of matrices that have about so many elements as there are rows, where there are any. */
const sizes = (d: Draw): readonly [number, number, number] =>
  d.rows < 2 ? [d.rows, d.rows, d.rows] : [1 + d.below(9), 1 + d.below(20), d.below(12)];
function product(d: Draw, batch: number): readonly Arg[] {
  const [m, n, k] = sizes(d);
  const matrices = [d.column(d.float, batch * m * k), d.column(d.float, batch * k * n)];
  return [d.flag(), d.flag(), ...(batch === 1 ? [] : [i64(batch)]), i64(m), i64(n), i64(k), ...matrices];
}
const MATRIX: Readonly<Record<string, Make>> = {
  gemm: (d) => product(d, 1),
  gemm_batched: (d) => product(d, 3),
  gemm_strided: (d) => {
    const [ta, tb, ...rest] = product(d, 1);
    const [m = 0, n = 0, k = 0] = rest.map(([size]) => Number(size));
    // Wherever matrices are transposed, so many elements are enough.
    const [start, stride] = [d.below(5), Math.max(m, n, k) + d.below(3)];
    const large = (): Arg => d.column(d.float, start + stride * (stride + 1));
    const place = [i64(start), i64(stride)];
    return [ta ?? d.flag(), tb ?? d.flag(), ...rest.slice(0, 3), ...place, ...place, large(), large()];
  },
  syrk: (d) => {
    const [n, , k] = sizes(d);
    return [d.flag(), i64(n), i64(k), d.column(d.float, n * k)];
  },
  ...all(ACTIVATIONS.map(gemmNameOf), (d) => {
    const args = product(d, 1);
    const n = Number(args[3]?.[0] ?? 0);
    return [...args, d.column(d.float, d.below(2) * n)];
  }),
};

const bitmap = (d: Draw, rows: number): Arg => d.column('u8', Math.ceil(rows / 8));
const BITS: Readonly<Record<string, Make>> = {
  bitmap_of: (d) => [d.flags(d.rows * 3)],
  ...all(['mask_of', 'bitmap_count'], (d) => [
    bitmap(d, d.rows * 5),
    i64(d.rows * 5 - d.below(Math.min(d.rows, 9) + 1)),
  ]),
  ...all(SET_NAMES, (d) => [d.column('u8'), d.column('u8')]),
};

/** A film of no frames, of one pixel, or of two frames: its sizes and itself. */
function film(
  d: Draw,
  channels: number,
): { readonly sizes: readonly [Arg, Arg]; readonly channels: Arg; readonly film: Arg } {
  const [height, width] = d.rows < 2 ? [1, 1] : [1 + d.below(5), 1 + d.below(9)];
  const frames = d.rows === 0 ? 0 : 2;
  return {
    sizes: [i64(height), i64(width)],
    channels: i64(channels),
    film: d.column('u8', frames * height * width * channels),
  };
}
const PIXELS: Readonly<Record<string, Make>> = {
  block_mse: (d) => {
    const { sizes, channels, film: a } = film(d, 1 + d.below(5));
    return [...sizes, channels, i64(1 + d.below(4)), a, [columnIn(d.shape, 'u8', lengthOf(a), d.chance), a[1]]];
  },
  ...all(['resize_nearest', 'resize_bilinear', 'resize_area'], (d) => {
    const { sizes, channels, film: pixels } = film(d, 1 + d.below(4));
    return [...sizes, channels, i64(1 + d.below(7)), i64(1 + d.below(20)), pixels];
  }),
  mix_channels: (d) => {
    const [channels, rows] = [1 + d.below(4), 1 + d.below(4)];
    const weights = Array.from({ length: rows * (channels + 1) }, () => (d.below(2001) - 1000) / 777);
    return [i64(channels), vecArg(column('f64', weights)), film(d, channels).film];
  },
  normalise: (d) => {
    const channels = 1 + d.below(4);
    const { sizes, film: pixels } = film(d, channels);
    const pixelsOfFrame = sizes.reduce((product, [n]) => product * Number(n), 1);
    return [i64(channels), i64(pixelsOfFrame), d.flag(), d.column('f32', channels), d.column('f32', channels), pixels];
  },
  box_filter: (d) => {
    const { sizes, channels, film: pixels } = film(d, 1 + d.below(5));
    return [...sizes, channels, i64(d.below(4)), pixels];
  },
};
const lengthOf = ([v]: Arg): number => (typeof v === 'object' && v.kind === 'vec' ? v.length : 0);

/** Validity for so many rows, or none because all have a key. */
const validity = (d: Draw, rows: number): Arg => d.flags(d.below(2) * rows);
const fewer = (rows: number): number => Math.ceil(rows * 0.7);
const keysOfBoth: Make = (d) => [
  validity(d, d.rows),
  validity(d, fewer(d.rows)),
  ...[d.rows, fewer(d.rows)].flatMap((rows) => [d.column(d.kind, rows), d.column('i16', rows)].slice(d.rows % 2)),
];
const JOIN: Readonly<Record<string, Make>> = {
  ...all(['match', ...JOIN_NAMES], keysOfBoth),
  ...all(ASOF_NAMES, (d) => [
    vecArg(column(d.number, [])),
    validity(d, d.rows),
    validity(d, fewer(d.rows)),
    d.column(d.number),
    d.column('u8'),
    d.sorted(d.number, fewer(d.rows)),
    d.column('u8', fewer(d.rows)),
  ]),
  // Of rows that are all different.
  check_unique: (d) => [
    validity(d, d.rows),
    d.column(),
    vecArg(
      column(
        'i32',
        Array.from({ length: d.rows }, (_, k) => k),
      ),
    ),
  ],
};

const words = (d: Draw): readonly Arg[] => [i64(d.below(2 ** 31) - 2 ** 30), i64(d.below(100))];
const CHANCE: Readonly<Record<string, Make>> = {
  ...all(['random_uniform', 'random_normal'], (d) => [
    ...words(d),
    vecArg(column(d.float, [d.below(5) - 2, 2 + d.below(5)])),
    i64(d.rows),
  ]),
  random_integers: (d) => [...words(d), i64(-d.below(9)), i64(1 + d.below(2 ** 31)), i64(d.rows)],
  random_permutation: (d) => [...words(d), i64(d.rows)],
};

const NUMERALS = [
  '0',
  '-7',
  '+12.5e3',
  '9223372036854775807',
  '2024-02-29',
  '2024-02-29T23:59:59.25+01:00',
  'nan',
  ' 1',
  '1e',
];
/** Strings some of which are values. */
function numerals(d: Draw): readonly Arg[] {
  const texts = textsIn(d.shape, d.rows, d.chance).map((text) =>
    d.below(3) === 0 ? text : (NUMERALS[d.below(9)] ?? ''),
  );
  const { args, types } = stringColumn(texts);
  return args.map((arg, k): Arg => [arg, types[k] ?? BOOL]);
}
const TEXT: Readonly<Record<string, Make>> = {
  ...all(['str_contains', 'str_starts', 'str_ends', 'str_equals'], (d) => [
    ...d.strings(),
    d.text('a', 'ab', '', 'é', 'ba€'),
  ]),
  ...all(['str_contains_any', 'str_find_any'], (d) => [...d.strings(), ...d.strings(Math.min(d.rows, 9))]),
  str_matches: (d) => [...d.strings(), d.text('a+b', '^[^a]', '(a|é)b?$', '')],
  str_extract: (d) => [...d.strings(), d.text('(a+)(b)?', '(.)$', '(b|€)*a'), i64(d.below(2))],
  ...all(['str_trim', 'str_length', 'str_lower', 'str_upper', 'str_fold'], (d) => d.strings()),
  str_slice: (d) => [...d.strings(), i64(d.below(4)), i64(d.below(9))],
  str_field: (d) => [...d.strings(), d.text('a', 'ab', ' '), i64(d.below(3))],
  str_replace: (d) => [...d.strings(), d.text('a', 'ab', 'é'), d.text('', 'xyz', '€'), d.flag()],
  str_concat: (d) => [...d.strings(), ...d.strings()],
  ...all(['str_parse_i64', 'str_parse_f64', 'str_parse_date', 'str_parse_timestamp'], numerals),
  ...all(['str_format_i64', 'str_format_timestamp'], (d) => [d.column('i64')]),
  str_format_f64: (d) => [d.column('f64')],
  str_format_date: (d) => [d.column('i32')],
};

export const CALLS: ReadonlyMap<string, Make> = new Map(
  [ORDER, MATRIX, BITS, PIXELS, JOIN, CHANCE, TEXT].flatMap((area) => Object.entries(area)),
);

/** Kinds in turn. */
export const kindAt = (k: number): ScalarKind => SCALAR_KINDS[k % SCALAR_KINDS.length] ?? 'f64';
