/**
 * From trees to instructions in a row, as a stack machine runs them: operands before their instruction, labels as the
 * number of enclosing blocks to leave.
 *
 * Values move to where they are first read. The emitter gives nearly every value a local, and interleaved iterations
 * would keep dozens of vectors alive at a time, more than there are registers; engines that keep the order of the code
 * then spill. So a local that is written once and read once waits to be read, and a load waits for its first read:
 *
 *     x = a * b; y = c * d; z = x + y     becomes     z = (a * b) + (c * d)
 *
 * It waits no longer than its value stays what it is: until a store if it reads memory, until a local it reads is
 * written again, until the statement list ends or branches. What nobody reads is never computed. Other values that are
 * read more than once stay where they are: moved to one reader they delay the others, by a quarter in some kernels.
 */

import { InternalError } from '../../../diag/diagnostic.ts';
import type { Local } from '../sink.ts';
import { unsigned } from './bytes.ts';
import { CODE } from './opcodes.ts';
import { type Node, walk } from './tree.ts';

export type Instr =
  /** `rest` are the bytes behind the code. */
  | { readonly i: 'plain'; readonly code: number; readonly rest: ArrayLike<number> }
  | { readonly i: 'get' | 'set' | 'tee'; readonly local: Local }
  | { readonly i: 'block' | 'loop' | 'if' | 'else' | 'end' }
  /** `depth` is the number of blocks around it that stay inside the one that is left. */
  | { readonly i: 'br' | 'br_if'; readonly depth: number };

/** The instructions of a function body. `indexOf` gives the number of a function by name. */
export function linearise(body: readonly Node[], indexOf: (name: string) => number): readonly Instr[] {
  const row = new Row(body, indexOf);
  row.placeAll(body);
  return withoutOverwritten(row.code);
}

/** Most nodes from the top of a value to its leaves, those that wait for it included: placing is recursive. */
const MOST_DEPTH = 200;

/** A value that waits to be read. */
interface Waiting {
  readonly value: Node;
  readonly depth: number;
  readonly reads: ReadonlySet<Local>;
}

class Row {
  readonly code: Instr[] = [];
  readonly #indexOf: (name: string) => number;
  /** Reads that are not yet placed. */
  readonly #reads = new Map<Local, number>();
  /** Locals that are written once, before every read of them. */
  readonly #single = new Set<Local>();
  readonly #waiting = new Map<Local, Waiting>();
  /** Which of them read memory, or a local that is written again. */
  readonly #readers = new Map<Local | 'memory', Local[]>();
  /** Labels of the open blocks, innermost last; null for `if`, which has none. */
  readonly #open: (string | null)[] = [];

  constructor(body: readonly Node[], indexOf: (name: string) => number) {
    this.#indexOf = indexOf;
    const seen = new Set<Local>();
    for (const top of body) {
      walk(top, (n) => {
        if (n.n === 'get') this.#reads.set(n.local, (this.#reads.get(n.local) ?? 0) + 1);
        if (n.n !== 'get' && n.n !== 'set') return;
        if (n.n === 'set' && !seen.has(n.local)) this.#single.add(n.local);
        else if (n.n === 'set') this.#single.delete(n.local);
        seen.add(n.local);
      });
    }
  }

  placeAll(nodes: readonly Node[]): void {
    for (const node of nodes) this.#place(node);
  }

  #place(node: Node): void {
    switch (node.n) {
      case 'op':
        if (node.memory === 'write') this.#beforeWriting('memory', node.args);
        this.placeAll(node.args);
        this.code.push({ i: 'plain', code: node.code, rest: node.rest });
        return;
      case 'call':
        this.#beforeWriting('memory', node.args);
        this.placeAll(node.args);
        this.code.push({ i: 'plain', code: CODE.call, rest: unsigned(this.#indexOf(node.name)) });
        return;
      case 'get':
        this.#placeGet(node.local);
        return;
      case 'set':
        if (this.#single.has(node.local) && this.#wait(node.local, node.value)) return;
        this.#beforeWriting(node.local, [node.value]);
        this.#place(node.value);
        this.code.push({ i: 'set', local: node.local });
        return;
      case 'block':
      case 'loop':
        this.#settle();
        this.code.push({ i: node.n });
        this.#placeInside(node.label, node.body);
        this.code.push({ i: 'end' });
        return;
      case 'if':
        this.#settle(node.cond);
        this.code.push({ i: 'if' });
        this.#placeInside(null, node.then);
        if (node.else.length > 0) {
          this.code.push({ i: 'else' });
          this.#placeInside(null, node.else);
        }
        this.code.push({ i: 'end' });
        return;
      case 'br': {
        this.#settle(node.cond);
        const at = this.#open.lastIndexOf(node.label);
        if (at < 0) throw new InternalError(`wasm: a branch to ${node.label}, which is not around it`);
        this.code.push({ i: node.cond === null ? 'br' : 'br_if', depth: this.#open.length - 1 - at });
        return;
      }
      default:
        node satisfies never;
    }
  }

  #placeInside(label: string | null, nodes: readonly Node[]): void {
    this.#open.push(label);
    this.placeAll(nodes);
    this.#settle();
    this.#open.pop();
  }

  #placeGet(local: Local): void {
    const left = this.#readsLeft(local) - 1;
    this.#reads.set(local, left);
    const waiting = this.#waiting.get(local);
    const last = this.code.at(-1);
    if (waiting !== undefined) {
      this.#waiting.delete(local);
      this.#place(waiting.value);
    } else if (last?.i === 'set' && last.local === local) {
      this.code.pop();
    } else {
      this.code.push({ i: 'get', local });
      return;
    }
    if (left > 0 || !this.#single.has(local)) this.code.push({ i: 'tee', local });
  }

  /** Lets the value of a local wait until it is read; false if it has to be computed now. */
  #wait(local: Local, value: Node): boolean {
    if (this.#readsLeft(local) > 1 && !isLoad(value)) return false;
    const facts = { reads: new Set<Local>(), loads: false, calls: false };
    const depth = this.#inspect(value, facts);
    if (facts.calls || depth > MOST_DEPTH) return false;
    this.#waiting.set(local, { value, depth, reads: facts.reads });
    if (facts.loads) this.#note('memory', local);
    for (const r of facts.reads) if (!this.#single.has(r)) this.#note(r, local);
    return true;
  }
  #note(what: Local | 'memory', reader: Local): void {
    const readers = this.#readers.get(what);
    if (readers === undefined) this.#readers.set(what, [reader]);
    else readers.push(reader);
  }
  /** Adds what a value depends on to `facts`; gives its depth, with what waits for the reads in it. */
  #inspect(node: Node, facts: { readonly reads: Set<Local>; loads: boolean; calls: boolean }): number {
    if (node.n === 'get') {
      facts.reads.add(node.local);
      return this.#waiting.get(node.local)?.depth ?? 0;
    }
    if (node.n !== 'op' && node.n !== 'call') throw new InternalError(`wasm: a ${node.n} inside an expression`);
    facts.loads ||= isLoad(node);
    facts.calls ||= node.n === 'call';
    let deepest = 0;
    for (const n of node.args) deepest = Math.max(deepest, this.#inspect(n, facts));
    return deepest + 1;
  }

  /** Computes the values that read what is written next, but for those that the operands of the write take. */
  #beforeWriting(what: Local | 'memory', operands: readonly Node[]): void {
    const readers = this.#readers.get(what);
    if (readers === undefined) return;
    const taken = readsOf(operands);
    for (const local of readers) if (!taken.has(local)) this.#compute(local);
    this.#readers.delete(what);
  }
  /** Computes everything that waits, in the order in which it was written, then `last`, which a branch follows. Values
   *  that are read on the way are computed there. */
  #settle(last: Node | null = null): void {
    for (const [local, { value }] of [...this.#waiting].reverse()) {
      if (this.#readsLeft(local) === 0) this.#drop(local, value);
    }
    const inner = new Set<Local>();
    for (const { reads } of this.#waiting.values()) for (const r of reads) inner.add(r);
    if (last !== null) for (const r of readsOf([last])) inner.add(r);
    for (const local of [...this.#waiting.keys()]) if (!inner.has(local)) this.#compute(local);
    if (last !== null) this.#place(last);
    this.#readers.clear();
  }
  #compute(local: Local): void {
    const waiting = this.#waiting.get(local);
    if (waiting === undefined) return;
    if (this.#readsLeft(local) === 0) {
      this.#drop(local, waiting.value);
      return;
    }
    this.#waiting.delete(local);
    this.#place(waiting.value);
    this.code.push({ i: 'set', local });
  }
  /** Forgets a value that nobody reads. */
  #drop(local: Local, value: Node): void {
    this.#waiting.delete(local);
    walk(value, (n) => {
      if (n.n === 'get') this.#reads.set(n.local, this.#readsLeft(n.local) - 1);
    });
  }
  #readsLeft(local: Local): number {
    return this.#reads.get(local) ?? 0;
  }
}

function readsOf(nodes: readonly Node[]): ReadonlySet<Local> {
  const reads = new Set<Local>();
  for (const node of nodes) {
    walk(node, (n) => {
      if (n.n === 'get') reads.add(n.local);
    });
  }
  return reads;
}

const isLoad = (node: Node): boolean => node.n === 'op' && node.memory === 'read';

/** Without the writes of locals that are written again before they are read. */
function withoutOverwritten(code: readonly Instr[]): readonly Instr[] {
  const kept: Instr[] = [];
  const overwritten = new Set<Local>();
  for (const c of code.toReversed()) {
    switch (c.i) {
      case 'plain':
        break;
      case 'get':
        overwritten.delete(c.local);
        break;
      case 'set':
      case 'tee':
        if (overwritten.has(c.local)) {
          if (c.i === 'set') kept.push({ i: 'plain', code: CODE.drop, rest: [] });
          continue;
        }
        overwritten.add(c.local);
        break;
      default:
        // What is read behind a branch or in another round is not known here.
        overwritten.clear();
    }
    kept.push(c);
  }
  return kept.reverse();
}
