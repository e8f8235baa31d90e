/**
 * Prints the functions through which a module touches its buffers: `load_x`, `store_x` and `merge_x`.
 *
 * Every access is in bounds by construction: a load past the end reads the last element, a store or merge past the
 * end does nothing (WebGPU itself might move it to another element). Values narrower than a word are cut out of and
 * put into their word; where other invocations write the rest of that word, by atomic operations.
 */

import type { MergeOp } from '../../core/types.ts';
import { type DeviceKind, KINDS, type Packing } from './info.ts';
import type { BufferPlace } from './layout.ts';
import { binText, plain } from './ops.ts';
import type { Polyfilled } from './polyfill.ts';
import type { Writer } from './writer.ts';

/** A buffer with the name of the function to print. */
export interface Accessor {
  readonly fn: string;
  readonly place: BufferPlace;
}

interface Slots {
  readonly bits: 8 | 16;
  /** log2 of the elements in a word. */
  readonly shift: 1 | 2;
}
const SLOTS: Readonly<Partial<Record<Packing, Slots>>> = {
  half: { bits: 16, shift: 1 },
  byte: { bits: 8, shift: 2 },
};

/** The word a value is stored as. */
function wordOf(kind: DeviceKind, value: string): string {
  const { type } = KINDS[kind];
  if (type === 'bool') return `select(0u, 1u, ${value})`;
  return type === 'u32' ? value : `bitcast<u32>(${value})`;
}

/** The value in a whole word. */
function valueIn(kind: DeviceKind, word: string): string {
  const { type } = KINDS[kind];
  return type === 'u32' ? word : `bitcast<${type}>(${word})`;
}

/** The value in the slot of a word that starts at bit `from`. */
function valueAt(kind: DeviceKind, word: string, from: string, bits: number): string {
  const { type } = KINDS[kind];
  if (type === 'bool') return `extractBits(${word}, ${from}, ${bits}u) != 0u`;
  return `extractBits(${valueIn(kind, word)}, ${from}, ${bits}u)`;
}

const wordIndex = (s: Slots): string => `(k >> ${s.shift}u)`;
const firstBit = (s: Slots): string => `${s.bits}u * (k & ${(1 << s.shift) - 1}u)`;

export function printLoad(w: Writer, { fn, place }: Accessor, helpers: Polyfilled): void {
  const { name, kind, base, length } = place;
  const { type, packing } = KINDS[kind];
  const read = (at: string): string => (place.role === 'shared' ? `atomicLoad(&${name}[${at}])` : `${name}[${at}]`);
  const slots = SLOTS[packing];
  w.block(`fn ${fn}(index: u32) -> ${type}`, () => {
    w.line(`let k = ${helpers.use('inside')}(index, params.${length});`);
    if (slots !== undefined) {
      w.line(`let word = ${read(`params.${base} + ${wordIndex(slots)}`)};`);
      w.line(`return ${valueAt(kind, 'word', firstBit(slots), slots.bits)};`);
    } else if (packing === 'pair') {
      w.line(`let at = params.${base} + 2u * k;`);
      w.line(`return vec2<u32>(${read('at')}, ${read('at + 1u')});`);
    } else {
      w.line(`return ${valueIn(kind, read(`params.${base} + k`))};`);
    }
  });
}

export function printStore(w: Writer, { fn, place }: Accessor): void {
  const { name, kind, base, length, role } = place;
  const { type, packing } = KINDS[kind];
  const slots = SLOTS[packing];
  w.block(`fn ${fn}(k: u32, value: ${type})`, () => {
    w.line(`if (k >= params.${length}) { return; }`);
    if (slots !== undefined) {
      const { bits } = slots;
      w.line(`let at = params.${base} + ${wordIndex(slots)};`);
      w.line(`let bit = ${firstBit(slots)};`);
      if (role === 'shared') {
        const mask = bits === 8 ? '0xffu' : '0xffffu';
        w.line(`atomicAnd(&${name}[at], ~(${mask} << bit));`);
        w.line(`atomicOr(&${name}[at], (${wordOf(kind, 'value')} & ${mask}) << bit);`);
      } else {
        w.line(`${name}[at] = insertBits(${name}[at], ${wordOf(kind, 'value')}, bit, ${bits}u);`);
      }
    } else if (packing === 'pair') {
      w.line(`let at = params.${base} + 2u * k;`);
      w.line(`${name}[at] = value.x;`);
      w.line(`${name}[at + 1u] = value.y;`);
    } else {
      w.line(`${name}[params.${base} + k] = ${wordOf(kind, 'value')};`);
    }
  });
}

/** Atomic operations that exist for a whole word. */
const ATOMIC: Readonly<Partial<Record<MergeOp, string>>> = { '+': 'atomicAdd', min: 'atomicMin', max: 'atomicMax' };

export function printMerge(w: Writer, { fn, place }: Accessor, op: MergeOp, helpers: Polyfilled): void {
  const { name, kind, base, length } = place;
  const { type, packing } = KINDS[kind];
  const atomic = ATOMIC[op];
  w.block(`fn ${fn}(k: u32, value: ${type})`, () => {
    w.line(`if (k >= params.${length}) { return; }`);
    if (packing === 'pair') {
      // The words are added one by one; whoever makes the low one overflow carries. Nobody reads in between.
      w.line(`let at = params.${base} + 2u * k;`);
      w.line(`let low = atomicAdd(&${name}[at], value.x);`);
      w.line(`let high = value.y + select(0u, 1u, low + value.x < low);`);
      w.line(`if (high != 0u) { atomicAdd(&${name}[at + 1u], high); }`);
    } else if (packing === 'word' && type !== 'f32' && atomic !== undefined) {
      w.line(`${atomic}(&${name}[params.${base} + k], value);`);
    } else {
      printExchange(w, place, op, helpers);
    }
  });
}

/** Any other merge: compute the new word from the old one, and try again if another invocation was faster. */
function printExchange(w: Writer, { name, kind, base }: BufferPlace, op: MergeOp, helpers: Polyfilled): void {
  const slots = SLOTS[KINDS[kind].packing];
  const signedWord = kind === 'i32';
  const old =
    slots === undefined ? (signedWord ? 'old' : valueIn(kind, 'old')) : valueAt(kind, 'old', 'bit', slots.bits);
  const merged = binText(op, kind, plain(old), plain('value'), helpers).code;
  w.line(`let at = params.${base} + ${slots === undefined ? 'k' : wordIndex(slots)};`);
  if (slots !== undefined) w.line(`let bit = ${firstBit(slots)};`);
  w.line(`var old = atomicLoad(&${name}[at]);`);
  w.block('loop', () => {
    if (slots === undefined) w.line(`let next = ${signedWord ? merged : wordOf(kind, merged)};`);
    else w.line(`let next = insertBits(old, ${wordOf(kind, merged)}, bit, ${slots.bits}u);`);
    w.line(`let tried = atomicCompareExchangeWeak(&${name}[at], old, next);`);
    w.line('if (tried.exchanged) { break; }');
    w.line('old = tried.old_value;');
  });
}
