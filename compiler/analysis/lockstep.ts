/**
 * Which builders of a loop body are merged into in lockstep: in the same blocks, as often, and in the same order with
 * respect to branches and inner loops. Their results have one length, and row k of each comes from one place.
 *
 * The merges of each component are written down as a sequence of words: `m` for a merge, and the branches and loops
 * around them by the symbol that they bind. Equal sequences are in lockstep.
 */

import type { Atom, Block, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isLinear } from '../core/types.ts';

/**
 * The values that the components merge at each of their sites, in the order of the text; null when not in lockstep, as
 * far as `holds` lets that decide.
 */
export function lockstepOf(
  body: Block,
  components: readonly number[],
  syms: SymTab,
  holds: (inLockstep: boolean) => boolean,
): readonly (readonly Atom[])[] | null {
  const [builder] = body.params;
  if (builder === undefined) return null;
  const trails = new Map(components.map((k): [number, Trail] => [k, { words: [], values: [] }]));
  const walk = new Walk(trails, syms);
  walk.bind(builder, WHOLE);
  walk.block(body);
  const all = [...trails.values()];
  const [first] = all;
  if (first === undefined || first.values.length === 0) return null;
  const words = first.words.join(' ');
  if (!holds(!walk.lost && all.every((t) => t.words.join(' ') === words))) return null;
  return first.values.map((_, site) => all.flatMap((t) => t.values[site] ?? []));
}

interface Trail {
  readonly words: string[];
  readonly values: Atom[];
}
/** What a linear value carries: the whole struct of builders, one component, or a struct of these. */
type Place = 'whole' | number | readonly Place[];
const WHOLE: Place = 'whole';

class Walk {
  /** True when a builder took a way that is not followed. */
  lost = false;
  readonly #trails: ReadonlyMap<number, Trail>;
  readonly #syms: SymTab;
  readonly #places = new Map<Sym, Place>();

  constructor(trails: ReadonlyMap<number, Trail>, syms: SymTab) {
    this.#trails = trails;
    this.#syms = syms;
  }
  bind(s: Sym, place: Place): void {
    this.#places.set(s, place);
  }
  #of(a: Atom): Place | undefined {
    return isSym(a) ? this.#places.get(a) : undefined;
  }
  #mark(word: string): void {
    for (const t of this.#trails.values()) t.words.push(word);
  }

  block(b: Block): Place | undefined {
    for (const { sym, op } of b.lets) {
      if (!isLinear(this.#syms.type(sym))) continue;
      switch (op.kind) {
        case 'merge': {
          const at = this.#of(op.builder);
          if (at === undefined) break;
          this.bind(sym, at);
          const trail = typeof at === 'number' ? this.#trails.get(at) : undefined;
          trail?.words.push('m');
          trail?.values.push(op.value);
          break;
        }
        case 'field': {
          const of = this.#of(op.of);
          if (of === undefined) break;
          if (of === 'whole') this.bind(sym, op.index);
          else if (typeof of === 'object') this.bind(sym, of[op.index] ?? WHOLE);
          else this.lost = true;
          break;
        }
        case 'struct': {
          const places = op.fields.map((f) => this.#of(f));
          const known = places.filter((p) => p !== undefined);
          if (known.length === places.length) this.bind(sym, known);
          else this.lost ||= known.length > 0;
          break;
        }
        case 'if': {
          this.#mark(`if${sym}(`);
          const then = this.block(op.then);
          this.#mark('|');
          this.block(op.else);
          this.#mark(')');
          if (then !== undefined) this.bind(sym, then);
          break;
        }
        case 'for': {
          const at = this.#of(op.builder);
          const [inner] = op.body.params;
          if (at === undefined || inner === undefined) break;
          this.bind(inner, at);
          this.#mark(`for${sym}(`);
          this.block(op.body);
          this.#mark(')');
          this.bind(sym, at);
          break;
        }
        case 'builder':
          break;
        default:
          // An iteration, say: its builders are not followed.
          this.lost = true;
      }
    }
    return this.#of(b.result);
  }
}
