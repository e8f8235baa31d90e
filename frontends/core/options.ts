/**
 * Checks of what callers without types pass: an option that the call does not have is refused, since it would be
 * believed to do something (`sort('a', { desc: true })` would sort upwards).
 */

import { didYouMean } from '../../compiler/index.ts';
import { refuse, type Site } from './trail.ts';
import { describe } from './values.ts';

/** Refuses options (W8006) that are no object or have a name that is not `known`. */
export function checkOptions(options: unknown, known: readonly string[], site: Site): void {
  if (typeof options !== 'object' || options === null) {
    refuse(site, 'W8006', `options are an object, found ${describe(options)}`, { help: `{ ${known.join(', ')} }` });
  }
  const odd = Object.keys(options).find((name) => !known.includes(name));
  if (odd !== undefined) refuse(site, 'W8006', `there is no option '${odd}'`, { help: didYouMean(odd, known) });
}
