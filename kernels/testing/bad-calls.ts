/**
 * Calls of every primitive of `kernels/` with arguments that are refused, as the text of programs; `refusals.test.ts` shows
 * what is said. A new primitive needs a family here, or a place in one: the members of a family say the same, but for the
 * name.
 *
 * Programs have parameters, so that calls are short: `none` is no number, `all` no flag (every row is valid), `six` are
 * numbers and `film` bytes from 1 to 6, `abc` these letters and `ends` the offsets of two strings in them, `ab` and `c`.
 */

import { SET_NAMES } from '../bits/bits.ts';
import { ASOF_NAMES } from '../join/asof.ts';
import { JOIN_NAMES } from '../join/join.ts';
import { ACTIVATIONS } from '../matrix/activation.ts';
import { gemmNameOf } from '../matrix/gemm-bias.ts';
import { RANK_NAMES } from '../order/rank.ts';
import { SCAN_NAMES } from '../scan/scan.ts';
import { SEG_SCAN_NAMES } from '../scan/seg-scan.ts';
import { PARSED, parsedKind, parseName } from '../text/parse.ts';

/** Primitives, what they give for good arguments, and lists of bad ones. */
export type Gives = string | ((name: string) => string);
export interface Family {
  readonly names: readonly string[];
  readonly gives: Gives;
  /** What `..` stands for in calls. */
  readonly more?: (name: string) => string;
  readonly calls: readonly string[];
}
const family = (names: string | readonly string[], gives: Gives, ...calls: readonly string[]): Family => ({
  names: typeof names === 'string' ? [names] : names,
  gives,
  calls,
});

const HUGE = '1099511627776L';
const NAN = '0.0 / 0.0';

const ORDER: readonly Family[] = [
  family('argsort', 'vec[i64]', '', '[true]', '[true], 1.0', '[true, false], [1.0]', '[true, false], [1.0, 2.0], [1]'),
  family(
    'argtopk',
    'vec[i64]',
    '1, [true], [1.0]',
    '1L',
    '-1L, [true], [1.0]',
    '1L, [true, false], [1.0]',
    '1L, [true, false], six, [1]',
  ),
  family('argsort_bytes', 'vec[i64]', '1, [0L], abc', 'true, [0], abc', 'true, [0L, 2L, 1L, 3L], abc'),
  family(
    'argsort_bytes',
    'vec[i64]',
    'true, [-1L, 2L], abc',
    'true, [0L, 4L], abc',
    'true, result(appender[i64]), abc',
  ),
  family('sort', 'vec[f64]', '[1.0]', 'true, 1.0', 'true, [1.0], 2'),
  family(RANK_NAMES, 'vec[i64]', '[1.0]', 'true, 1.0', 'true, [1.0], 2'),
  family('kth', 'vec[f64]', '[1.0], six', '[0L], 1.0', '[0L], six, 1'),
  family('kth', 'vec[f64]', '[0L, -1L], six', '[6L], six', `[${HUGE}], six`, '[0L], none'),
  family('quantile', 'vec[f64]', '[1L], six', '[0.5], [true]', '[0.5], six, 1'),
  family('quantile', 'vec[f64]', '[0.5, 1.5], six', '[-0.1], six', `[${NAN}], six`),
  family('searchsorted', 'vec[i64]', 'six, six', 'true, 1.0, six', 'true, six, [1L]', 'true, six, six, 1'),
  family('unique', 'vec[f64]', '1.0', 'six, six'),
  family(SCAN_NAMES, 'vec[f64]', '', '[true]', 'six, 2'),
  family(SEG_SCAN_NAMES, 'vec[f64]', 'six', '[true], [true]', '[true], six, 2', '[true], six'),
];

const MATRIX: readonly Family[] = [
  family('gemm', 'vec[f64]', 'false, 1, 2L, 2L, 3L, six, six', 'false, false, 2L, 2, 3L, six, six'),
  family('gemm', 'vec[f64]', 'false, false, 1L, 1L, 1L, [1], [1]', 'false, false, 1L, 1L, 1L, [1.0], [1.0f]'),
  family('gemm', 'vec[f64]', 'false, false, 2L, 2L, 3L, six, six, six'),
  family('gemm', 'vec[f64]', 'false, false, 2L, 2L, 3L, [1.0], six', 'false, true, 2L, 2L, 3L, six, [1.0]'),
  family('gemm', 'vec[f64]', 'true, false, 2L, 3L, 2L, six, six', 'false, false, 0L, 0L, 2L, none, six'),
  family('gemm', 'vec[f64]', 'false, false, -2L, 2L, 3L, six, six', 'false, false, 2L, 2L, -3L, six, six'),
  family(
    'gemm',
    'vec[f64]',
    `false, false, 2L, ${HUGE}, 3L, six, six`,
    'false, false, 100000L, 100000L, 0L, none, none',
  ),
  family(ACTIVATIONS.map(gemmNameOf), 'vec[f64]', 'true', 'false, false, 2L, 2L, 3L, six, six'),
  family(ACTIVATIONS.map(gemmNameOf), 'vec[f64]', 'false, false, 2L, 2L, 3L, six, six, [1.0f]'),
  family(ACTIVATIONS.map(gemmNameOf), 'vec[f64]', 'false, false, 2L, 2L, 3L, six, six, none, 1'),
  family(ACTIVATIONS.map(gemmNameOf), 'vec[f64]', 'false, false, 2L, 2L, 3L, six, six, [1.0]'),
  family(ACTIVATIONS.map(gemmNameOf), 'vec[f64]', 'false, false, 2L, 2L, 2L, six, six, none'),
  family('gemm_batched', 'vec[f64]', 'false, false, 1, 2L, 2L, 3L, six, six', 'false, false, 2L, 2L, 3L, six, six'),
  family(
    'gemm_batched',
    'vec[f64]',
    'false, false, 1L, 2L, 2L, 3L, six, six, 1',
    'true, true, 2L, 2L, 2L, 3L, six, none',
  ),
  family(
    'gemm_batched',
    'vec[f64]',
    'false, false, -1L, 2L, 2L, 3L, six, six',
    `true, true, ${HUGE}, 1L, 1L, 1L, six, six`,
  ),
  family(
    'gemm_strided',
    'vec[f64]',
    'false, false, 2L, 2L, 3L, six, six',
    'false, 1, 2L, 2L, 3L, 0L, 3L, 0L, 2L, six, six',
  ),
  family('gemm_strided', 'vec[f64]', 'false, false, 2L, 2L, 3L, 0L, 3L, 0L, 2L, six, six, 1'),
  family(
    'gemm_strided',
    'vec[f64]',
    'false, false, 2L, 2L, 3L, 0L, 4L, 0L, 2L, six, six',
    'false, false, 2L, 2L, 3L, -1L, 3L, 0L, 2L, six, six',
  ),
  family(
    'syrk',
    'vec[f64]',
    '1L',
    'false, 1L, 1.0, six',
    'false, 2L, 3L, [1L]',
    'false, 2L, 3L, six, 1',
    'false, 2L, 2L, six',
  ),
  family('syrk', 'vec[f64]', 'false, -2L, 2L, six', 'false, 2L, -2L, six', 'false, 100000L, 0L, none'),
];

const PIXELS: readonly Family[] = [
  family('block_mse', 'vec[f64]', '2L, 1L, 1, 1L, film, film', '2L, 1L, 1L, 1L, film', '0L, 1L, 1L, 1L, film, film'),
  family(
    'block_mse',
    'vec[f64]',
    '2L, 1L, 1L, -1L, film, film',
    '2L, 2L, 1L, 1L, film, film',
    '1L, 1L, 1L, 1L, film, abc',
  ),
  family(
    ['resize_nearest', 'resize_bilinear', 'resize_area'],
    'vec[u8]',
    '2L, 1L, 1L, 1L, film',
    '2L, 1L, 1L, 0L, 1L, film',
  ),
  family(
    ['resize_nearest', 'resize_bilinear', 'resize_area'],
    'vec[u8]',
    '2L, 1L, 6L, 1L, 1L, film',
    '2L, 2L, 1L, 1L, 1L, film',
  ),
  family(['resize_nearest', 'resize_bilinear', 'resize_area'], 'vec[u8]', `1L, 1L, 1L, ${HUGE}, 1L, film`),
  family(['resize_nearest', 'resize_bilinear', 'resize_area'], 'vec[u8]', '1L, 1L, 1L, 2147483647L, 2147483647L, film'),
  family('mix_channels', 'vec[u8]', '3L, six, six', '5L, six, film', '3L, six, film', '3L, none, film'),
  family(
    'mix_channels',
    'vec[u8]',
    '1L, [2.0, 0.0], film',
    `1L, [0.0, ${NAN}], film`,
    '4L, [1.0, 0.0, 0.0, 0.0, 0.0], film',
  ),
  family('normalise', 'vec[f32]', '1L, 6L, 1, [1.0f], [1.0f], film', '1L, 6L, true, none, [1.0f], film'),
  family(
    'normalise',
    'vec[f32]',
    '1L, 6L, true, [1.0f, 1.0f], [1.0f], film',
    '1L, 6L, true, [1.0f], [1.0f, 1.0f], film',
  ),
  family('normalise', 'vec[f32]', '5L, 6L, true, [1.0f], [1.0f], film', '1L, -4L, true, [1.0f], [1.0f], film'),
  family('normalise', 'vec[f32]', '1L, 4L, true, [1.0f], [1.0f], film'),
  family(
    'box_filter',
    'vec[u8]',
    '1L, 1L, 1L, film',
    '1L, 1L, 1L, -1L, film',
    '1L, 1L, 1L, 128L, film',
    '1L, 4L, 1L, 1L, film',
  ),
];

const rows: Gives = (name) => (name === 'match' ? 'vec[i64]' : '{vec[i64],vec[i64]}');
const JOIN: readonly Family[] = [
  family(
    ['match', ...JOIN_NAMES],
    rows,
    'six, six',
    'all, all',
    'all, all, [1]',
    'all, all, [1], [1L]',
    'all, all, 1, 1',
  ),
  family(
    ['match', ...JOIN_NAMES],
    rows,
    '[true], all, six, six',
    'all, [true], six, six',
    'all, all, six, [1], six, [1]',
  ),
  family(
    ASOF_NAMES,
    'vec[i64]',
    'six',
    '[1L], all, all, six, six',
    '[true], all, all, [true], [true]',
    'none, all, all, six, six, [1]',
  ),
  family(
    ASOF_NAMES,
    'vec[i64]',
    '[-1.0], all, all, six, six',
    `[${NAN}], all, all, six, six`,
    'six, all, all, six, six',
  ),
  family(ASOF_NAMES, 'vec[i64]', 'none, all, all, six, [2.0, 1.0]', 'none, all, [true], six, six'),
  family('check_unique', 'vec[bool]', 'six', 'all', 'all, 1', 'all, [1, 2, 1]', '[true], six', 'all, six, [1]'),
];

const OTHERS: readonly Family[] = [
  family('bitmap_of', 'vec[u8]', 'film', '[true], 1L'),
  family('mask_of', 'vec[bool]', 'film', 'film, 49L', 'film, -1L', `film, ${HUGE}`),
  family('bitmap_count', 'i64', 'film, 1', 'film, 49L', 'film, -1L', `film, ${HUGE}`),
  family(SET_NAMES, 'vec[u8]', 'film, [true]', 'film, abc'),
  family(
    ['random_uniform', 'random_normal'],
    'vec[f64]',
    '1L, 2L, 3.0, 4L',
    '1L, 2, [0.0, 1.0], 4L',
    '1L, 2L, [0.0, 1.0]',
  ),
  family(['random_uniform', 'random_normal'], 'vec[f64]', '1L, 2L, [0.0, 1.0], 4L, 5L', '1L, 2L, six, 4L'),
  family(['random_uniform', 'random_normal'], 'vec[f64]', '1L, 2L, [0.0, 1.0], -4L', `1L, 2L, [0.0, 1.0], ${HUGE}`),
  family(
    'random_uniform',
    'vec[f64]',
    '1L, 2L, [1.0, 0.0], 4L',
    `1L, 2L, [${NAN}, 0.0], 4L`,
    '1L, 2L, [0.0, 1.0 / 0.0], 4L',
  ),
  family('random_normal', 'vec[f64]', '1L, 2L, [0.0, -1.0], 4L', `1L, 2L, [0.0, ${NAN}], 4L`),
  family('random_integers', 'vec[i64]', '1L, 2L, 3L, 4L', '1L, 2L, 3L, 3L, 4L', '1L, 2L, 3L, 4L, -1L'),
  family('random_permutation', 'vec[i64]', '1L, 2L', '1L, 2L, -1L', `1L, 2L, ${HUGE}`),
];

// Columns of strings that are none, with good arguments behind them where `..` stands.
const PARTS = '{vec[i32],vec[u8],vec[bool]}';
const STRINGS = '{vec[i32],vec[u8]}';
const GOOD: Readonly<Record<string, readonly [gives: string, more: string]>> = {
  ...each(['str_contains', 'str_starts', 'str_ends', 'str_equals', 'str_matches'], 'vec[bool]', ', "a"'),
  ...each(['str_extract'], PARTS, ', "a", 0L'),
  ...each(['str_contains_any'], 'vec[u64]', ', ends, abc'),
  ...each(['str_find_any'], 'vec[i32]', ', ends, abc'),
  ...each(['str_trim'], PARTS, ''),
  ...each(['str_slice'], PARTS, ', 1L, 2L'),
  ...each(['str_field'], PARTS, ', ",", 1L'),
  ...each(['str_length'], 'vec[i32]', ''),
  ...each(['str_lower', 'str_upper', 'str_fold'], STRINGS, ''),
  ...each(['str_replace'], STRINGS, ', "a", "b", true'),
  ...each(['str_concat'], STRINGS, ', ends, abc'),
  ...Object.fromEntries(PARSED.map((to) => [parseName(to), [`{vec[${parsedKind(to)}],vec[bool]}`, '']])),
};
function each(names: readonly string[], gives: string, more: string): typeof GOOD {
  return Object.fromEntries(names.map((name) => [name, [gives, more]]));
}
const BAD_COLUMNS = [
  'six, abc',
  'ends, six',
  'result(appender[i32]), abc',
  '[0, 4], abc',
  '[-1, 1], abc',
  '[0, 2, 1, 3], abc',
];

/** Good strings, and bad arguments behind them. */
const overStrings = (names: string | readonly string[], ...calls: readonly string[]): Family => {
  const all = typeof names === 'string' ? [names] : names;
  return family(all, GOOD[all[0] ?? '']?.[0] ?? '', ...calls.map((call) => `ends, abc${call}`));
};
const TEXT: readonly Family[] = [
  {
    names: Object.keys(GOOD),
    gives: (name) => GOOD[name]?.[0] ?? '',
    calls: BAD_COLUMNS.map((column) => `${column}..`),
    more: (name) => GOOD[name]?.[1] ?? '',
  },
  overStrings(['str_contains', 'str_starts', 'str_ends', 'str_equals'], '', ', six', ', "a", 1.0'),
  overStrings('str_matches', '', ', "a(b"', ', "a{2000}"', ', "(a)\\\\1"', ', "a", 1.0'),
  overStrings(
    'str_extract',
    ', "a"',
    ', "(a", 0L',
    ', "(a)", 2L',
    ', "(a)", -1L',
    `, "(a)", ${HUGE}`,
    ', "(a)", 1L, 1.0',
  ),
  overStrings('str_contains_any', ', abc', ', [0, 9], abc', ', [0, 1, 0], abc', ', ends, abc, 1.0'),
  overStrings('str_find_any', ', abc', ', [0, 9], abc', ', [0, 1, 0], abc', ', ends, abc, 1.0'),
  overStrings('str_slice', ', 1L', ', -1L, 2L', ', 1L, -2L', ', 1L, 2L, 1.0'),
  overStrings('str_field', ', 1L', ', "", 1L', ', ",", -1L', ', ",", 1L, 1.0'),
  overStrings(['str_trim', 'str_length', 'str_lower', 'str_upper', 'str_fold', ...PARSED.map(parseName)], ', 1.0'),
  overStrings('str_replace', ', "a"', ', "a", "b", 1', ', "", "b", true', ', "a", "b", true, 1.0'),
  overStrings('str_concat', '', ', [0, 1], abc', ', [0, 1, 4], abc', ', [0, 2, 1], abc', ', ends, abc, 1.0'),
  family(['str_format_i64', 'str_format_timestamp'], STRINGS, '', 'six', '[1L], 1'),
  family('str_format_f64', STRINGS, '', '[1L]', 'six, 1'),
  family('str_format_date', STRINGS, '', '[1L]', '[1], 1'),
];

export const BAD_CALLS = { ORDER, MATRIX, PIXELS, JOIN, OTHERS, TEXT } as const;
