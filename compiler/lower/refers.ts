/**
 * What the elements of an output may refer to. Places flow from where they come from (columns of vectors with inner vectors,
 * places of captured columns, the region) through variables and memory to the columns of outputs; what does not flow there
 * need not be kept alive.
 *
 * Only i32 values carry places, and every i32 counts that comes by a load from such memory: the answer may name too much,
 * never too little. Conditions and addresses carry none.
 */

import { refersToMemory, type Type } from '../core/types.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../sir/kernel.ts';
import type { BufBinding, HostAtom, Output, Refers, ScalarBinding } from '../sir/plan.ts';
import { walkExpr, walkStmts } from '../sir/shape.ts';

/** Where places come from: a binding by its number, the region as -1. */
type Sources = ReadonlySet<number>;
const NONE: Sources = new Set();
const REGION = -1;

/** One answer for each output. */
export function refersOf(
  kernel: Kernel,
  bufs: readonly BufBinding[],
  scalars: readonly ScalarBinding[],
  outputs: readonly Output[],
): readonly Refers[] {
  const flow = new Flow(kernel, bufs, scalars);
  return outputs.map((out, k) => {
    if (!outputTypes(out).some(refersToMemory)) return { values: [], region: false };
    const found = flow.into(k);
    const values = [...found].flatMap((s) => {
      const atom =
        s === REGION ? null : s < bufs.length ? valueOfBuf(bufs[s]) : valueOfScalar(scalars[s - bufs.length]);
      return atom === null ? [] : [atom];
    });
    return { values, region: found.has(REGION) };
  });
}

/** The types of which an output has columns. */
export function outputTypes(o: Output): readonly Type[] {
  switch (o.out) {
    case 'reduce':
      return [o.ty];
    case 'table':
    case 'direct':
    case 'compact':
    case 'grow':
      return [o.elem];
    case 'dict':
    case 'partitioned':
      return [o.key, o.value];
    default:
      return o satisfies never;
  }
}

function valueOfBuf(b: BufBinding | undefined): HostAtom | null {
  return b?.bind === 'column' ? b.vec : b?.bind === 'entry' ? b.dict : null;
}
const valueOfScalar = (s: ScalarBinding | undefined): HostAtom | null => (s?.bind === 'place' ? s.of : null);

class Flow {
  readonly #bufs: readonly BufBinding[];
  readonly #regs = new Map<Reg, Sources>();
  /** What was stored to each buffer; all memory of i32 is one buffer. */
  readonly #stored = new Map<number, Sources>();
  #changed = true;

  constructor(kernel: Kernel, bufs: readonly BufBinding[], scalars: readonly ScalarBinding[]) {
    this.#bufs = bufs;
    for (const [k, s] of scalars.entries()) {
      const param = kernel.scalars[k];
      if (s.bind === 'place' && param !== undefined) this.#regs.set(param.reg, new Set([bufs.length + k]));
    }
    while (this.#changed) {
      this.#changed = false;
      walkStmts(kernel.body, (s) => this.#stmt(s));
    }
  }

  /** What flows into the columns of output `output`; who refers to the region refers to what lies there. */
  into(output: number): Sources {
    const own = this.#storedWhere((b) => b.bind === 'output' && b.output === output);
    return own.has(REGION)
      ? union(
          own,
          this.#storedWhere((b) => b.bind === 'memory'),
        )
      : own;
  }
  #storedWhere(holds: (b: BufBinding) => boolean): Sources {
    return this.#bufs.reduce((all, b, k) => (holds(b) ? union(all, this.#stored.get(k) ?? NONE) : all), NONE);
  }

  #stmt(s: Stmt): void {
    switch (s.s) {
      case 'let':
      case 'var':
      case 'set':
        this.#add(this.#regs, s.reg, this.#of(s.e));
        return;
      case 'load':
        if (s.ty.kind === 'i32') this.#add(this.#regs, s.reg, this.#loaded(s.buf, s.index));
        return;
      case 'store':
        this.#add(this.#stored, s.buf, this.#of(s.value));
        return;
      case 'push':
        for (const { buf, value } of s.stores) this.#add(this.#stored, buf, this.#of(value));
        return;
      default:
        return;
    }
  }

  #loaded(buf: number, index: SExpr): Sources {
    const binding = this.#bufs[buf];
    switch (binding?.bind) {
      case 'column':
      case 'entry':
        return new Set([buf]);
      case 'region':
        return new Set([REGION]);
      case 'memory':
        // What lies where a place points refers to what that place refers to.
        return union(this.#of(index), this.#stored.get(buf) ?? NONE);
      default:
        return NONE;
    }
  }

  /** What the i32s in an expression refer to; a condition or a comparison gives none. */
  #of(e: SExpr): Sources {
    if (e.ty.kind !== 'i32' && e.ty.kind !== 'u32') return NONE;
    let all = NONE;
    walkExpr(e, (x) => {
      if (x.x === 'get') all = union(all, this.#regs.get(x.reg) ?? NONE);
    });
    return all;
  }

  #add<K>(map: Map<K, Sources>, key: K, more: Sources): void {
    if (more.size === 0) return;
    const old = map.get(key) ?? NONE;
    const made = union(old, more);
    if (made.size === old.size) return;
    map.set(key, made);
    this.#changed = true;
  }
}

function union(a: Sources, b: Sources): Sources {
  if (a.size === 0) return b;
  if (b.size === 0 || [...b].every((s) => a.has(s))) return a;
  return new Set([...a, ...b]);
}
