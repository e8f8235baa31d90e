/**
 * What a program is told whose call of a primitive has bad arguments (`testing/bad-calls.ts`): the kernel by its name, `$`
 * here, what was found, and the place of the call in the program. `contract.test.ts` tries more arguments, and that definition
 * and machine refuse the same.
 */

import { afterAll, expect, it } from 'vitest';
import { plainMemory, type Value, WeldError } from '../compiler/index.ts';
import { parseProgram, renderError } from '../compiler/text.ts';
import { init } from '../runtime/index.ts';
import { vectorOf } from './column.ts';
import { KERNELS } from './index.ts';
import { BAD_CALLS, type Family } from './testing/bad-calls.ts';

const session = await init({ threads: 2 });
afterAll(() => session.dispose());

const of = (kind: 'f64' | 'bool' | 'u8' | 'i32', ...cells: readonly number[]): Value =>
  vectorOf(kind, cells, plainMemory);
const PARAMETERS = '|none: vec[f64], all: vec[bool], six: vec[f64], film: vec[u8], abc: vec[u8], ends: vec[i32]|';
const SIX = [1, 2, 3, 4, 5, 6];
const ARGUMENTS = [
  of('f64'),
  of('bool'),
  of('f64', ...SIX),
  of('u8', ...SIX),
  of('u8', 97, 98, 99),
  of('i32', 0, 2, 3),
];

/** What is said of a call, with `$` for the name. */
async function refusal(name: string, gives: string, args: string): Promise<string> {
  const call = `cudf[${name},${gives}](${args})`;
  const text = `${PARAMETERS} ${call}`;
  const error = await session.evaluate(parseProgram(text), ARGUMENTS).catch((e: unknown) => e);
  if (!(error instanceof WeldError)) throw new Error(`${call} is not refused`);
  expect(renderError(error, { name: 'p', text })).toContain(` --> p:1:${PARAMETERS.length + 2}\n`);
  const [first] = error.diagnostics;
  expect(first?.message).toContain(name);
  const said = [`${error.code} ${first?.message}`, ...(first?.notes ?? []), ...(first?.help ? [first.help] : [])];
  return said.join('; ').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), '$$');
}

/** Calls and what is said of them, the same of all members of a family. */
async function refusals(families: readonly Family[]): Promise<string> {
  const lines: string[] = [''];
  for (const { names, gives, calls, more } of families) {
    const heading = names.join(' ');
    if (!lines.includes(heading)) lines.push(heading);
    for (const call of calls) {
      const said = new Set<string>();
      for (const name of names) {
        const of = typeof gives === 'string' ? gives : gives(name);
        said.add(await refusal(name, of, call.replace('..', more?.(name) ?? '')));
      }
      lines.push(...[...said].map((s) => `  (${call}) ${s}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

it('of every primitive there are calls', () => {
  const named = new Set(Object.values(BAD_CALLS).flatMap((area) => area.flatMap(({ names }) => names)));
  expect([...named].toSorted()).toEqual([...KERNELS.keys()].toSorted());
});
it('of orders are refused', async () => {
  expect(await refusals(BAD_CALLS.ORDER)).toMatchInlineSnapshot(`
    "
    argsort
      () W2002 $ needs a vec[bool] of directions, one for each key and true for descending, found nothing
      ([true]) W2002 $ needs at least one key
      ([true], 1.0) W2002 $ sorts by vectors of scalars, found f64
      ([true, false], [1.0]) W8005 $ needs one direction for each key, found 2 for 1 keys
      ([true, false], [1.0, 2.0], [1]) W6003 $: keys of lengths 2 and 1
    argtopk
      (1, [true], [1.0]) W2002 $ needs an i64 first, found i32
      (1L) W2002 $ needs a vec[bool] of directions, one for each key and true for descending, found nothing
      (-1L, [true], [1.0]) W8005 $: k is -1, it counts rows and is 0 or more
      (1L, [true, false], [1.0]) W8005 $ needs one direction for each key, found 2 for 1 keys
      (1L, [true, false], six, [1]) W6003 $: keys of lengths 6 and 1
    argsort_bytes
      (1, [0L], abc) W2002 $ needs a bool first, true for descending, found i32
      (true, [0], abc) W2002 $ takes a vec[i64] of offsets and a vec[u8], found vec[i32] and vec[u8]
      (true, [0L, 2L, 1L, 3L], abc) W8005 $: offset 1 after 2, offsets go up
      (true, [-1L, 2L], abc) W8005 $: offset -1 is negative
      (true, [0L, 4L], abc) W8005 $: offset 4 of 3 bytes
      (true, result(appender[i64]), abc) W8005 $: no offsets, there is one more than there are strings
    sort
      ([1.0]) W2002 $ needs a bool first, true for descending, found vec[f64]
      (true, 1.0) W2002 $ sorts a vector of scalars, found f64
      (true, [1.0], 2) W2002 $ takes two arguments, found 3
    rank_ordinal rank_min rank_max rank_dense rank_average
      ([1.0]) W2002 $ needs a bool first, true for descending, found vec[f64]
      (true, 1.0) W2002 $ takes a vector of scalars, found f64
      (true, [1.0], 2) W2002 $ takes two arguments, found 3
    kth
      ([1.0], six) W2002 $ needs a vec[i64] of places first, found vec[f64]
      ([0L], 1.0) W2002 $ looks into a vector of scalars, found f64
      ([0L], six, 1) W2002 $ takes two arguments, found 3
      ([0L, -1L], six) W6001 $: place -1 of a vector with 6 elements; places are 0 up to the length, without it
      ([6L], six) W6001 $: place 6 of a vector with 6 elements; places are 0 up to the length, without it
      ([1099511627776L], six) W6001 $: place 1099511627776 of a vector with 6 elements; places are 0 up to the length, without it
      ([0L], none) W6001 $: place 0 of a vector with 0 elements; places are 0 up to the length, without it
    quantile
      ([1L], six) W2002 $ needs a vec[f64] of shares first, found vec[i64]
      ([0.5], [true]) W2002 $ looks into a vector of numbers, found vec[bool]
      ([0.5], six, 1) W2002 $ takes two arguments, found 3
      ([0.5, 1.5], six) W8005 $: share 1.5, shares are 0 to 1
      ([-0.1], six) W8005 $: share -0.1, shares are 0 to 1
      ([0.0 / 0.0], six) W8005 $: share NaN, shares are 0 to 1
    searchsorted
      (six, six) W2002 $ needs a bool first, true for places behind equal ones, found vec[f64]
      (true, 1.0, six) W2002 $ looks into a vector of scalars, found f64
      (true, six, [1L]) W2002 $ looks for values like those of vec[f64], found vec[i64]
      (true, six, six, 1) W2002 $ takes three arguments, found 4
    unique
      (1.0) W2002 $ takes a vector of scalars, found f64
      (six, six) W2002 $ takes one argument, found 2
    scan_sum scan_prod scan_min scan_max
      () W2002 $ takes a vector of numbers, found nothing
      ([true]) W2002 $ takes a vector of numbers, found vec[bool]
      (six, 2) W2002 $ takes one argument, found 2
    seg_scan_sum seg_scan_prod seg_scan_min seg_scan_max
      (six) W2002 $ needs a vec[bool] first, where segments start, found vec[f64]
      ([true], [true]) W2002 $ takes a vector of numbers, found vec[bool]
      ([true], six, 2) W2002 $ takes two arguments, found 3
      ([true], six) W6003 $: 1 starts for 6 elements
    "
  `);
});
it('of products are refused', async () => {
  expect(await refusals(BAD_CALLS.MATRIX)).toMatchInlineSnapshot(`
    "
    gemm
      (false, 1, 2L, 2L, 3L, six, six) W2002 $ needs two bools first, which matrix is transposed, found bool and i32
      (false, false, 2L, 2, 3L, six, six) W2002 $ needs three sizes of i64, found i64, i32, i64
      (false, false, 1L, 1L, 1L, [1], [1]) W2002 $ multiplies matrices of f32 or f64, found vec[i32]
      (false, false, 1L, 1L, 1L, [1.0], [1.0f]) W2002 $ multiplies matrices of one type, found vec[f64] and vec[f32]
      (false, false, 2L, 2L, 3L, six, six, six) W2002 $ takes seven arguments, found 8
      (false, false, 2L, 2L, 3L, [1.0], six) W6003 $: a has 1 elements, a matrix of 2 x 3 has 6
      (false, true, 2L, 2L, 3L, six, [1.0]) W6003 $: b has 1 elements, a matrix of 3 x 2 has 6
      (true, false, 2L, 3L, 2L, six, six) W6003 $: a has 6 elements, a matrix of 2 x 2 has 4
      (false, false, 0L, 0L, 2L, none, six) W6003 $: b has 6 elements, a matrix of 2 x 0 has 0
      (false, false, -2L, 2L, 3L, six, six) W8005 $: m is -2, sizes are 0 to 2147483647
      (false, false, 2L, 2L, -3L, six, six) W8005 $: k is -3, sizes are 0 to 2147483647
      (false, false, 2L, 1099511627776L, 3L, six, six) W8005 $: n is 1099511627776, sizes are 0 to 2147483647
      (false, false, 100000L, 100000L, 0L, none, none) W8005 $: a product of 100000 x 100000 elements, the most is 2147483647
    gemm_bias gemm_relu gemm_sigmoid gemm_tanh gemm_gelu
      (true) W2002 $ needs two bools first, which matrix is transposed, found bool and nothing
      (false, false, 2L, 2L, 3L, six, six) W2002 $ adds a bias of the type of the matrices, vec[f64], found nothing
      (false, false, 2L, 2L, 3L, six, six, [1.0f]) W2002 $ adds a bias of the type of the matrices, vec[f64], found vec[f32]
      (false, false, 2L, 2L, 3L, six, six, none, 1) W2002 $ takes eight arguments, found 9
      (false, false, 2L, 2L, 3L, six, six, [1.0]) W6003 $: a bias of 1 elements for 2 columns; a bias has an element for each column, or none at all
      (false, false, 2L, 2L, 2L, six, six, none) W6003 $: a has 6 elements, a matrix of 2 x 2 has 4
    gemm_batched
      (false, false, 1, 2L, 2L, 3L, six, six) W2002 $ needs how many products as i64, found i32
      (false, false, 2L, 2L, 3L, six, six) W2002 $ needs three sizes of i64, found i64, i64, vec[f64]
      (false, false, 1L, 2L, 2L, 3L, six, six, 1) W2002 $ takes eight arguments, found 9
      (true, true, 2L, 2L, 2L, 3L, six, none) W6003 $: a has 6 elements, 2 matrices of 2 x 3 have 12
      (false, false, -1L, 2L, 2L, 3L, six, six) W8005 $: batch is -1, sizes are 0 to 2147483647
      (true, true, 1099511627776L, 1L, 1L, 1L, six, six) W8005 $: batch is 1099511627776, sizes are 0 to 2147483647
    gemm_strided
      (false, false, 2L, 2L, 3L, six, six) W2002 $ needs starts and strides of i64 behind the sizes, found vec[f64], vec[f64]
      (false, 1, 2L, 2L, 3L, 0L, 3L, 0L, 2L, six, six) W2002 $ needs two bools first, which matrix is transposed, found bool and i32
      (false, false, 2L, 2L, 3L, 0L, 3L, 0L, 2L, six, six, 1) W2002 $ takes 11 arguments, found 12
      (false, false, 2L, 2L, 3L, 0L, 4L, 0L, 2L, six, six) W6003 $: a has 6 elements, but 2 rows of 3, 4 apart from 0 on, need 7
      (false, false, 2L, 2L, 3L, -1L, 3L, 0L, 2L, six, six) W8005 $: a_start is -1, sizes are 0 to 2147483647
    syrk
      (1L) W2002 $ needs a bool first, whether the matrix is transposed, found i64
      (false, 1L, 1.0, six) W2002 $ needs two sizes of i64, found i64 and f64
      (false, 2L, 3L, [1L]) W2002 $ multiplies a matrix of f32 or f64, found vec[i64]
      (false, 2L, 3L, six, 1) W2002 $ takes four arguments, found 5
      (false, 2L, 2L, six) W6003 $: a has 6 elements, a matrix of 2 x 2 has 4
      (false, -2L, 2L, six) W8005 $: n is -2, sizes are 0 to 2147483647
      (false, 2L, -2L, six) W8005 $: k is -2, sizes are 0 to 2147483647
      (false, 100000L, 0L, none) W8005 $: a product of 100000 x 100000 elements, the most is 2147483647
    "
  `);
});
it('of pixels are refused', async () => {
  expect(await refusals(BAD_CALLS.PIXELS)).toMatchInlineSnapshot(`
    "
    block_mse
      (2L, 1L, 1, 1L, film, film) W2002 $ takes i64 as argument 3, found i32
      (2L, 1L, 1L, 1L, film) W2002 $ takes vec[u8] as argument 6, found nothing
      (0L, 1L, 1L, 1L, film, film) W8006 $: height is 0; a size is 1 to 2147483647
      (2L, 1L, 1L, -1L, film, film) W8006 $: block is -1; a size is 1 to 2147483647
      (2L, 2L, 1L, 1L, film, film) W8005 $: 6 elements are no whole number of frames of 2 x 2
      (1L, 1L, 1L, 1L, film, abc) W8005 $: 6 frames and 3 to compare them with; give as many, or one
    resize_nearest resize_bilinear resize_area
      (2L, 1L, 1L, 1L, film) W2002 $ takes i64 as argument 5, found vec[u8]
      (2L, 1L, 1L, 0L, 1L, film) W8006 $: to_height is 0; a size is 1 to 1048576
      (2L, 1L, 6L, 1L, 1L, film) W8006 $: 6 channels; pixels have 1 to 4
      (2L, 2L, 1L, 1L, 1L, film) W8005 $: 6 elements are no whole number of frames of 2 x 2
      (1L, 1L, 1L, 1099511627776L, 1L, film) W8006 $: to_height is 1099511627776; a size is 1 to 1048576
      (1L, 1L, 1L, 2147483647L, 2147483647L, film) W8006 $: to_height is 2147483647; a size is 1 to 1048576
    mix_channels
      (3L, six, six) W2002 $ takes vec[u8] as argument 3, found vec[f64]
      (5L, six, film) W8006 $: 5 channels; pixels have 1 to 4
      (3L, six, film) W8005 $: 6 weights for 3 channels; give 1 to 4 rows of 4: a weight a channel, and what is added
      (3L, none, film) W8005 $: 0 weights for 3 channels; give 1 to 4 rows of 4: a weight a channel, and what is added
      (1L, [2.0, 0.0], film) W8006 $: a weight of 2; weights are below 2, what is added below 1024
      (1L, [0.0, 0.0 / 0.0], film) W8006 $: a weight of NaN; weights are below 2, what is added below 1024
      (4L, [1.0, 0.0, 0.0, 0.0, 0.0], film) W8005 $: 6 elements are no whole number of pixels of 4 channels
    normalise
      (1L, 6L, 1, [1.0f], [1.0f], film) W2002 $ takes bool as argument 3, found i32
      (1L, 6L, true, none, [1.0f], film) W2002 $ takes vec[f32] as argument 4, found vec[f64]
      (1L, 6L, true, [1.0f, 1.0f], [1.0f], film) W8005 $: 2 scales for 1 channels
      (1L, 6L, true, [1.0f], [1.0f, 1.0f], film) W8005 $: 2 shifts for 1 channels
      (5L, 6L, true, [1.0f], [1.0f], film) W8006 $: 5 channels; pixels have 1 to 4
      (1L, -4L, true, [1.0f], [1.0f], film) W8006 $: size is -4; a size is 1 to 2147483647
      (1L, 4L, true, [1.0f], [1.0f], film) W8005 $: 6 elements are no whole number of frames of 1 x 4
    box_filter
      (1L, 1L, 1L, film) W2002 $ takes i64 as argument 4, found vec[u8]
      (1L, 1L, 1L, -1L, film) W8006 $: radius is -1; a radius is 0 to 127
      (1L, 1L, 1L, 128L, film) W8006 $: radius is 128; a radius is 0 to 127
      (1L, 4L, 1L, 1L, film) W8005 $: 6 elements are no whole number of frames of 1 x 4
    "
  `);
});
it('of joins are refused', async () => {
  expect(await refusals(BAD_CALLS.JOIN)).toMatchInlineSnapshot(`
    "
    match join_inner join_left join_right join_full
      (six, six) W2002 $ needs two vec[bool] first: which left and which right rows have a key
      (all, all) W2002 $ needs as many left as right key columns, found 0 columns
      (all, all, [1]) W2002 $ needs as many left as right key columns, found 1 columns
      (all, all, [1], [1L]) W2002 $: key 1 is vec[i32] on the left and vec[i64] on the right
      (all, all, 1, 1) W2002 $ joins by vectors of scalars, found i32
      ([true], all, six, six) W6003 $: left columns of lengths 6 and 1
      (all, [true], six, six) W6003 $: right columns of lengths 6 and 1
      (all, all, six, [1], six, [1]) W6003 $: left columns of lengths 6 and 1
    asof_backward asof_forward asof_nearest
      (six) W2002 $ needs two vec[bool] first: which left and which right rows have a key
      ([1L], all, all, six, six) W2002 $ needs a vec[f64] of one tolerance or none first, found vec[i64]
      ([true], all, all, [true], [true]) W2002 $ needs numbers to be near to, found vec[bool]
      (none, all, all, six, six, [1]) W2002 $ needs as many left as right key columns, found 3 columns
      ([-1.0], all, all, six, six) W8006 $: a tolerance is 0 or more, found -1
      ([0.0 / 0.0], all, all, six, six) W8006 $: a tolerance is 0 or more, found NaN
      (six, all, all, six, six) W8005 $: 6 tolerances, expected one or none
      (none, all, all, six, [2.0, 1.0]) W6016 $: the values of the right side do not ascend in row 1; sort the right side by them first
      (none, all, [true], six, six) W6003 $: right columns of lengths 6 and 1
    check_unique
      (six) W2002 $ needs a vec[bool] first: which rows have a key, found vec[f64]
      (all) W2002 $ needs at least one key
      (all, 1) W2002 $ takes vectors of scalars, found i32
      (all, [1, 2, 1]) W6015 $: rows 0 and 2 have the same key; group by the key first, or join without the promise that it is there once
      ([true], six) W6003 $: columns of lengths 6 and 1
      (all, six, [1]) W6003 $: columns of lengths 6 and 1
    "
  `);
});
it('of bitmaps and random columns are refused', async () => {
  expect(await refusals(BAD_CALLS.OTHERS)).toMatchInlineSnapshot(`
    "
    bitmap_of
      (film) W2002 $ takes vec[bool] as argument 1, found vec[u8]
      ([true], 1L) W2002 $ takes 1 arguments, found 2
    mask_of
      (film) W2002 $ takes i64 as argument 2, found nothing
      (film, 49L) W8005 $: 49 rows of a bitmap of 6 bytes; it has 0 to 48
      (film, -1L) W8005 $: -1 rows of a bitmap of 6 bytes; it has 0 to 48
      (film, 1099511627776L) W8005 $: 1099511627776 rows of a bitmap of 6 bytes; it has 0 to 48
    bitmap_count
      (film, 1) W2002 $ takes i64 as argument 2, found i32
      (film, 49L) W8005 $: 49 rows of a bitmap of 6 bytes; it has 0 to 48
      (film, -1L) W8005 $: -1 rows of a bitmap of 6 bytes; it has 0 to 48
      (film, 1099511627776L) W8005 $: 1099511627776 rows of a bitmap of 6 bytes; it has 0 to 48
    bitmap_and bitmap_or bitmap_xor bitmap_andnot
      (film, [true]) W2002 $ takes vec[u8] as argument 2, found vec[bool]
      (film, abc) W8005 $: bitmaps of 6 and 3 bytes
    random_uniform random_normal
      (1L, 2L, 3.0, 4L) W2002 $ draws numbers of f32 or f64, and takes two in a vector third, found f64
      (1L, 2, [0.0, 1.0], 4L) W2002 $ takes whole numbers as i64, found i32
      (1L, 2L, [0.0, 1.0]) W2002 $ takes whole numbers as i64, found nothing
      (1L, 2L, [0.0, 1.0], 4L, 5L) W2002 $ takes 4 arguments, found 5
      (1L, 2L, six, 4L) W8005 $: 6 numbers in the third argument, expected two
      (1L, 2L, [0.0, 1.0], -4L) W8006 $: -4 rows; ask for 0 to 2147483647
      (1L, 2L, [0.0, 1.0], 1099511627776L) W8006 $: 1099511627776 rows; ask for 0 to 2147483647
    random_uniform
      (1L, 2L, [1.0, 0.0], 4L) W8006 $: numbers from 1 to 0; give finite bounds, the lower one first
      (1L, 2L, [0.0 / 0.0, 0.0], 4L) W8006 $: numbers from NaN to 0; give finite bounds, the lower one first
      (1L, 2L, [0.0, 1.0 / 0.0], 4L) W8006 $: numbers from 0 to Infinity; give finite bounds, the lower one first
    random_normal
      (1L, 2L, [0.0, -1.0], 4L) W8006 $: a standard deviation of -1; it is at least 0
      (1L, 2L, [0.0, 0.0 / 0.0], 4L) W8006 $: a standard deviation of NaN; it is at least 0
    random_integers
      (1L, 2L, 3L, 4L) W2002 $ takes whole numbers as i64, found nothing
      (1L, 2L, 3L, 3L, 4L) W8006 $: integers from 3 up to 3, without it; the first bound is below the second
      (1L, 2L, 3L, 4L, -1L) W8006 $: -1 rows; ask for 0 to 2147483647
    random_permutation
      (1L, 2L) W2002 $ takes whole numbers as i64, found nothing
      (1L, 2L, -1L) W8006 $: -1 rows; ask for 0 to 2147483647
      (1L, 2L, 1099511627776L) W8006 $: 1099511627776 rows; ask for 0 to 2147483647
    "
  `);
});
it('of texts are refused', async () => {
  expect(await refusals(BAD_CALLS.TEXT)).toMatchInlineSnapshot(`
    "
    str_contains str_starts str_ends str_equals str_matches str_extract str_contains_any str_find_any str_trim str_slice str_field str_length str_lower str_upper str_fold str_replace str_concat str_parse_i64 str_parse_f64 str_parse_date str_parse_timestamp
      (six, abc..) W2002 $ needs the offsets of its strings first, a vec[i32] or vec[i64], found vec[f64]
      (ends, six..) W2002 $ needs the bytes of its strings behind their offsets, a vec[u8], found vec[f64]
      (result(appender[i32]), abc..) W8005 $: there are no offsets; a column of n strings has n + 1 offsets
      ([0, 4], abc..) W6001 $: the last offset is 4, there are 3 bytes
      ([-1, 1], abc..) W6001 $: the first offset is -1, before the bytes
      ([0, 2, 1, 3], abc..) W6001 $: offsets decrease from 2 to 1 behind string 1
    str_contains str_starts str_ends str_equals
      (ends, abc) W2002 $ needs a pattern of bytes, a vec[u8] or vec[i8], found nothing
      (ends, abc, six) W2002 $ needs a pattern of bytes, a vec[u8] or vec[i8], found vec[f64]
      (ends, abc, "a", 1.0) W2002 $ takes three arguments, found 4
    str_matches
      (ends, abc) W2002 $ needs a pattern, a vec[u8] or vec[i8], found nothing
      (ends, abc, "a(b") W8010 $: a ( that is not closed, at character 2 of the pattern; in the pattern a(b;                 ^
      (ends, abc, "a{2000}") W8010 $: more than 1000 repeats, at character 2 of the pattern; in the pattern a{2000};                 ^
      (ends, abc, "(a)\\\\1") W8010 $: a look back at a group, at character 4 of the pattern; in the pattern (a)\\1;                   ^; such patterns are searched for by JavaScript
      (ends, abc, "a", 1.0) W2002 $ takes three arguments, found 4
    str_extract
      (ends, abc, "a") W2002 $ needs the number of a group, an i64, found nothing
      (ends, abc, "(a", 0L) W8010 $: a ( that is not closed, at character 1 of the pattern; in the pattern (a;                ^
      (ends, abc, "(a)", 2L) W8005 $: there is no group 2 in a pattern with 1
      (ends, abc, "(a)", -1L) W8005 $: there is no group -1 in a pattern with 1
      (ends, abc, "(a)", 1099511627776L) W8005 $: there is no group 1099511627776 in a pattern with 1
      (ends, abc, "(a)", 1L, 1.0) W2002 $ takes 4 arguments, found 5
    str_contains_any
      (ends, abc, abc) W2002 $ needs its patterns as a column of strings, offsets and bytes, behind the strings
      (ends, abc, [0, 9], abc) W6001 $, patterns: the last offset is 9, there are 3 bytes
      (ends, abc, [0, 1, 0], abc) W6001 $, patterns: offsets decrease from 1 to 0 behind string 1
      (ends, abc, ends, abc, 1.0) W2002 $ takes four arguments, found 5
    str_find_any
      (ends, abc, abc) W2002 $ needs its patterns as a column of strings, offsets and bytes, behind the strings
      (ends, abc, [0, 9], abc) W6001 $, patterns: the last offset is 9, there are 3 bytes
      (ends, abc, [0, 1, 0], abc) W6001 $, patterns: offsets decrease from 1 to 0 behind string 1
      (ends, abc, ends, abc, 1.0) W2002 $ takes four arguments, found 5
    str_slice
      (ends, abc, 1L) W2002 $ needs the number of the character behind the last one, an i64, found nothing
      (ends, abc, -1L, 2L) W8005 $: -1 is no number of a character or a field, they begin with 0
      (ends, abc, 1L, -2L) W8005 $: -2 is no number of a character or a field, they begin with 0
      (ends, abc, 1L, 2L, 1.0) W2002 $ takes 4 arguments, found 5
    str_field
      (ends, abc, 1L) W2002 $ needs a separator, a vec[u8] or vec[i8], found i64
      (ends, abc, "", 1L) W8005 $: the separator is empty
      (ends, abc, ",", -1L) W8005 $: -1 is no number of a character or a field, they begin with 0
      (ends, abc, ",", 1L, 1.0) W2002 $ takes 4 arguments, found 5
    str_trim str_length str_lower str_upper str_fold str_parse_i64 str_parse_f64 str_parse_date str_parse_timestamp
      (ends, abc, 1.0) W2002 $ takes 2 arguments, found 3
    str_replace
      (ends, abc, "a") W2002 $ needs what replaces it, a vec[u8] or vec[i8], found nothing
      (ends, abc, "a", "b", 1) W2002 $ needs a bool last, true to replace all and not only the first, found i32
      (ends, abc, "", "b", true) W8005 $: the pattern is empty
      (ends, abc, "a", "b", true, 1.0) W2002 $ takes 5 arguments, found 6
    str_concat
      (ends, abc) W2002 $ needs the offsets of its strings first, a vec[i32] or vec[i64], found nothing
      (ends, abc, [0, 1], abc) W8005 $: one column has 2 strings, the other 1
      (ends, abc, [0, 1, 4], abc) W6001 $: the last offset is 4, there are 3 bytes
      (ends, abc, [0, 2, 1], abc) W6001 $: offsets decrease from 2 to 1 behind string 1
      (ends, abc, ends, abc, 1.0) W2002 $ takes 4 arguments, found 5
    str_format_i64 str_format_timestamp
      () W2002 $ takes vec[i64] as argument 1, found nothing
      (six) W2002 $ takes vec[i64] as argument 1, found vec[f64]
      ([1L], 1) W2002 $ takes 1 arguments, found 2
    str_format_f64
      () W2002 $ takes vec[f64] as argument 1, found nothing
      ([1L]) W2002 $ takes vec[f64] as argument 1, found vec[i64]
      (six, 1) W2002 $ takes 1 arguments, found 2
    str_format_date
      () W2002 $ takes vec[i32] as argument 1, found nothing
      ([1L]) W2002 $ takes vec[i32] as argument 1, found vec[i64]
      ([1], 1) W2002 $ takes 1 arguments, found 2
    "
  `);
});
