/**
 * Locals that are never in use at the same time share one slot. Engines carry every local that a loop writes around
 * the loop, needed or not, so a body with hundreds of spilled values runs slower than one with a dozen slots.
 *
 * A local is in use from its first write to its last read, and to the end of a loop that reads it but does not hold
 * the first write: the next round reads it again. That is right when nothing reaches a read past the first write,
 * which the statement list of the write settles: every other use must be in it, however deep. Where one is not, or
 * where a local is read before it is written, the local has a slot of its own.
 */

import { InternalError } from '../../../diag/diagnostic.ts';
import type { Local, WasmTy } from '../sink.ts';
import type { Instr } from './linear.ts';

export interface Slots {
  /** Types of the slots behind the parameters, equal ones side by side. */
  readonly types: readonly WasmTy[];
  /** The slot of a local; parameters keep theirs. */
  of(local: Local): number;
}

/** Shares the slots of a function's locals. `locals` are the types of those behind the `params` parameters. */
export function assignSlots(code: readonly Instr[], params: number, locals: readonly WasmTy[]): Slots {
  const typeOf = (local: Local): WasmTy => {
    const ty = locals[local - params];
    if (ty === undefined) throw new InternalError(`wasm: there is no local ${local}`);
    return ty;
  };
  const made: WasmTy[] = [];
  const chosen = new Map<Local, number>();
  const free: Record<WasmTy, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  /** Locals by the instruction after which their slot is free. */
  const ends = new Map<number, Local[]>();
  let at = 0;
  for (const use of usesOf(code, params)) {
    for (; at < use.first; at++) {
      for (const local of ends.get(at) ?? []) free[typeOf(local)].push(chosen.get(local) ?? 0);
    }
    const ty = typeOf(use.local);
    const slot = use.own ? undefined : free[ty].pop();
    chosen.set(use.local, slot ?? made.push(ty) - 1);
    if (!use.own) ends.set(lastOf(use), [...(ends.get(lastOf(use)) ?? []), use.local]);
  }
  return packed(made, params, chosen);
}

/** In the order of their slots. */
const TYPES: readonly WasmTy[] = ['f32', 'f64', 'i32', 'i64', 'v128'];

/** Puts slots of one type side by side: their declaration is then one pair of a number and a type. */
function packed(made: readonly WasmTy[], params: number, chosen: ReadonlyMap<Local, number>): Slots {
  // By groups, not by comparing names: the first such comparison of a process loads the tables of its language.
  const groups = new Map<WasmTy, number[]>(TYPES.map((ty) => [ty, []]));
  for (const [slot, ty] of made.entries()) groups.get(ty)?.push(slot);
  const order = [...groups.values()].flat();
  const place = new Map(order.map((slot, k) => [slot, params + k]));
  return {
    types: order.map((slot) => made[slot] ?? 'i32'),
    of: (local) => (local < params ? local : (place.get(chosen.get(local) ?? -1) ?? 0)),
  };
}

interface Loop {
  /** The number of its last instruction; set when the scan gets there. */
  end: number;
}
/** The stretch of the code, in instruction numbers, in which a local is in use. */
interface Use {
  readonly local: Local;
  readonly first: number;
  last: number;
  /** The loop around the last use that does not hold the first one. */
  through: Loop | null;
  /** Its slot must not be shared. */
  own: boolean;
}
const lastOf = (use: Use): number => Math.max(use.last, use.through?.end ?? 0);

/** The uses of all locals but the parameters, by their first instruction. */
function usesOf(code: readonly Instr[], params: number): readonly Use[] {
  const uses = new Map<Local, Use & { readonly list: object; readonly depth: number; readonly loops: number }>();
  /** The statement lists and the loops that are open, outermost first. */
  const lists: object[] = [{}];
  const loops: Loop[] = [];
  const isLoop: boolean[] = [];
  for (const [k, c] of code.entries()) {
    switch (c.i) {
      case 'plain':
      case 'br':
      case 'br_if':
        break;
      case 'block':
      case 'if':
      case 'loop':
        lists.push({});
        isLoop.push(c.i === 'loop');
        if (c.i === 'loop') loops.push({ end: 0 });
        break;
      case 'else':
        lists[lists.length - 1] = {};
        break;
      case 'end': {
        lists.pop();
        const loop = isLoop.pop() === true ? loops.pop() : undefined;
        if (loop !== undefined) loop.end = k;
        break;
      }
      case 'get':
      case 'set':
      case 'tee': {
        if (c.local < params) break;
        const use = uses.get(c.local);
        if (use === undefined) {
          const depth = lists.length - 1;
          const list = lists[depth] ?? {};
          const own = c.i === 'get';
          uses.set(c.local, {
            local: c.local,
            first: k,
            last: k,
            through: null,
            own,
            list,
            depth,
            loops: loops.length,
          });
          break;
        }
        use.last = k;
        use.through = loops[use.loops] ?? use.through;
        if (lists[use.depth] !== use.list) use.own = true;
        break;
      }
      default:
        c satisfies never;
    }
  }
  return [...uses.values()];
}
