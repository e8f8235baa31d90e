/**
 * The types that a text has given names to. A name is looked up where it stands, so an alias means what the aliases
 * before it meant, and the surface tree never holds a name of a type.
 */

import { SCALAR_KINDS, type Type } from '../core/types.ts';
import { suggest } from '../diag/suggest.ts';

/** What is meant by the name of a type. */
export type Aliases = ReadonlyMap<string, Type>;

const TYPE_WORDS: readonly string[] = [
  ...SCALAR_KINDS,
  'vec',
  'dict',
  'simd',
  'appender',
  'merger',
  'vecmerger',
  'dictmerger',
  'groupmerger',
];

/** The help for a name that is no type: the nearest one that is, in Weld or by an alias. */
export function typeHelp(name: string, aliases: Aliases): string | null {
  const near = suggest(name, [...aliases.keys(), ...TYPE_WORDS]);
  return near === null ? null : `did you mean ${near}?`;
}
