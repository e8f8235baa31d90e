/**
 * join: rows of two frames that have equal keys, side by side.
 *
 *     inner        the pairs of rows with equal keys, in the order of the left side, then of the right one
 *     left         and each left row without a right one, in its place, with nulls
 *     right, full  inner and left, and behind them the right rows without a left one, in their order
 *     semi, anti   the left rows that have a right one, that have none
 *
 * Null keys match nothing; NaN equals NaN and -0 equals +0. Key columns come once, under their left name; beside a right row
 * alone they hold its key.
 *
 * There are two ways. A few rows that are here already, with one key that is unique, are looked up by the loop that reads
 * the left side (`join-lookup.ts`): it is fused with what comes before and behind. Any others are matched by a primitive
 * (`join-rows.ts`).
 */

import type { Session } from '../../runtime/index.ts';
import * as cell from '../core/cell.ts';
import { commonSession, filterColumns, type LazyColumn } from '../core/column.ts';
import { checkOptions } from '../core/options.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { type JoinKey, joinKeys, type KeyColumns } from './join-keys.ts';
import { lookUp, type Row, readRight } from './join-lookup.ts';
import { joinRows, matchRows } from './join-rows.ts';
import { columnNamed, type State } from './state.ts';

const HOWS = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
const VALIDATES = ['m:m', 'm:1', '1:m', '1:1'] as const;
export type How = (typeof HOWS)[number];

export interface JoinOptions {
  /** The key columns, when both sides call them the same. */
  readonly on?: string | readonly string[];
  readonly leftOn?: string | readonly string[];
  readonly rightOn?: string | readonly string[];
  /** Default `inner`. */
  readonly how?: How;
  /** Appended to right columns whose name the left side has. Default `_right`. */
  readonly suffix?: string;
  /** How often a key may be there on the left and on the right: once, or many times. Default `m:m`. */
  readonly validate?: (typeof VALIDATES)[number];
}

export interface Added {
  readonly name: string;
  readonly column: LazyColumn;
}

/** A join whose options are known to be right. */
export interface Joining {
  readonly left: State;
  readonly right: State;
  readonly keys: readonly JoinKey[];
  readonly how: How;
  /** The right columns that the result has, under their names in it. */
  readonly added: readonly Added[];
  /** Of which side keys are promised to be unique. */
  readonly unique: { readonly left: boolean; readonly right: boolean };
  readonly session: Session | null;
  readonly site: Site;
}

export function join(left: State, right: State, options: JoinOptions, site: Site): State {
  checkOptions(options, ['on', 'leftOn', 'rightOn', 'how', 'suffix', 'validate'], site);
  const { how = 'inner', suffix = '_right', validate = 'm:m' } = options;
  oneOf('how', HOWS, how, site);
  oneOf('validate', VALIDATES, validate, site);
  if (typeof suffix !== 'string') refuse(site, 'W8006', `join: suffix is a string, found ${describe(suffix)}`);
  const unique = { left: validate.startsWith('1'), right: validate.endsWith('1') };
  const keys = joinKeys(namesOf(left, right, options, site), site);
  const session = commonSession([left, right], site);
  const filters = how === 'semi' || how === 'anti';
  const added = filters
    ? []
    : addedColumns(
        left,
        right,
        keys.map((k) => k.rightOn),
        suffix,
        site,
      );
  const joining: Joining = { left, right, keys, how, added, unique, session, site };
  if (filters) return filtered(joining, lookUp(joining) ?? matchRows(joining));
  if (how === 'right' || how === 'full') return joinRows(joining);
  const row = lookUp(joining) ?? (unique.right ? matchRows(joining) : null);
  return row === null ? joinRows(joining) : readRight(joining, row);
}

export function oneOf(option: string, known: readonly string[], found: unknown, site: Site): void {
  if (known.some((k) => k === found)) return;
  refuse(site, 'W8006', `${option} is one of ${known.map((k) => `'${k}'`).join(', ')}, found ${describe(found)}`);
}

/** The key columns of both sides. */
function namesOf(left: State, right: State, options: JoinOptions, site: Site): readonly KeyColumns[] {
  const lefts = listOf(options.leftOn ?? options.on);
  const rights = listOf(options.rightOn ?? options.on);
  if (lefts.length === 0 || rights.length === 0) {
    refuse(site, 'W8006', 'join needs the key columns', {
      help: `give { on: 'key' } or { leftOn: 'a', rightOn: 'b' }`,
    });
  }
  return columnPairs(left, lefts, right, rights, site);
}

export const listOf = (names: string | readonly string[] | undefined): readonly string[] =>
  names === undefined ? [] : typeof names === 'string' ? [names] : names;

/** Columns of both sides by their names. */
export function columnPairs(
  left: State,
  lefts: readonly string[],
  right: State,
  rights: readonly string[],
  site: Site,
): readonly KeyColumns[] {
  if (lefts.length !== rights.length) {
    refuse(site, 'W8006', `${lefts.length} left and ${rights.length} right key columns are given`);
  }
  return lefts.map((leftOn, k) => {
    const rightOn = rights[k] ?? leftOn;
    return { leftOn, left: columnNamed(left, leftOn, site), rightOn, right: columnNamed(right, rightOn, site) };
  });
}

/** The right columns without keys; refuses names that are there twice. */
export function addedColumns(
  left: State,
  right: State,
  keys: readonly string[],
  suffix: string,
  site: Site,
): readonly Added[] {
  const names = new Set(left.columns.keys());
  return [...right.columns].flatMap(([own, column]) => {
    if (keys.includes(own)) return [];
    const name = names.has(own) ? own + suffix : own;
    if (names.has(name)) {
      refuse(site, 'W8006', `join would give two columns the name ${JSON.stringify(name)}`, {
        help: 'pass another suffix',
      });
    }
    names.add(name);
    return [{ name, column }];
  });
}

/** The left rows that have a right one, or that have none. */
function filtered({ left, how, session, site }: Joining, { found }: Row): State {
  const keep = how === 'semi' ? found : cell.not(found);
  const names = [...left.columns.keys()];
  const kept = filterColumns([...left.columns.values()], keep, left.space, site);
  const columns = new Map(kept.map((column, k) => [names[k] ?? '', column]));
  return { columns, space: kept[0]?.space ?? left.space, session, trail: site.trail };
}
