/**
 * From what a kernel reports to what a user reads: fail codes become diagnostics with the row of the loop and the
 * place in the program. A kernel reports a code and a row; lowering wrote down which operations can raise which code.
 * One candidate is the place; of several, the loop is, and the candidates are labels.
 *
 * TableFull never comes here (the launch is run again), and DenseRange means that a promise the program made with
 * `@(dense:true)` did not hold.
 */

import {
  type DiagnosticInit,
  type FailCode,
  type FailSite,
  fail,
  InternalError,
  type Origin,
} from '../compiler/index.ts';

/** Candidates that are shown. */
const MOST_LABELS = 4;

/** Throws the error for `code` in row `row` of a loop; `sites` are the operations that may have raised it. */
export function failInRow(
  code: FailCode,
  row: number,
  kernel: string,
  loop: Origin | null,
  sites: readonly FailSite[] = [],
): never {
  return failAt(code, `in row ${row} of the loop`, kernel, loop, sites);
}

/** Throws the error for `code`; `where` says for which elements it was raised. */
export function failAt(
  code: FailCode,
  where: string,
  kernel: string,
  loop: Origin | null,
  sites: readonly FailSite[],
): never {
  const place = placeOf(code, loop, sites);
  switch (code) {
    case 'ArrayOutOfBounds':
      return fail('W6001', `an index is outside its vector ${where}`, {
        ...place,
        help: 'check the index against len first, or clamp it',
      });
    case 'KeyNotFoundError':
      return fail('W6004', `a key is not in the dictionary ${where}`, {
        ...place,
        help: 'ask keyexists first',
      });
    case 'DivisionByZero':
      return fail('W6005', `integer division by zero ${where}`, {
        ...place,
        help: 'guard the divisor with select or if',
      });
    case 'BadIteratorLength':
      return fail(
        'W6002',
        `an iterator ${where} has not start <= end with a dividing stride >= 1, inside its vector`,
        place,
      );
    case 'MismatchedZipSize':
      return fail('W6003', `zipped iterators ${where} have different lengths`, {
        ...place,
        help: 'slice them to one length first',
      });
    case 'AssertionError':
      return fail('W6011', `an assertion does not hold ${where}`, place);
    case 'BadBytes':
      return fail('W6012', `deserialize: bytes ${where} are not those of one value of the type`, {
        ...place,
        help: 'read the type that was written, all of it',
      });
    case 'OutOfMemory':
      return fail('W6006', `out of memory: deserialize ${where} asks for too many elements without bytes`, place);
    case 'DenseRange': {
      const message = `a key ${where} is outside the range that @(dense:true) and its size promise`;
      // Frontends promise what they have checked; a text promises what its author believes.
      if (place.origin?.kind !== 'text') throw new InternalError(`${kernel}: ${message}`);
      return fail('W6010', message, { ...place, help: 'drop the annotation, or give the largest key plus 1 as size' });
    }
    case 'RegionFull':
    case 'TableFull':
      throw new InternalError(`${kernel}: a table that cannot grow is full ${where}`);
    case 'RareLanes':
      throw new InternalError(`${kernel}: the scalar form asked for itself ${where}`);
    default:
      return code satisfies never;
  }
}

function placeOf(code: FailCode, loop: Origin | null, sites: readonly FailSite[]): DiagnosticInit {
  const candidates = new Map<string, Origin>();
  for (const { code: c, origin } of sites) {
    if (c === code && origin !== null) candidates.set(JSON.stringify(origin), origin);
  }
  const [only, ...others] = candidates.values();
  if (only !== undefined && others.length === 0) return { origin: only };
  const labels = [...candidates.values()].flatMap((o) => (o.kind === 'text' ? [{ span: o.span, text: 'here?' }] : []));
  return { origin: loop, labels: labels.slice(0, MOST_LABELS) };
}
