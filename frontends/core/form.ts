/**
 * The form of what is asked for: a text that two lazy graphs have in common if the same program computes them, and the data
 * that the program is given. Writing it takes a fraction of the time of emitting the program, so a pipeline that is written
 * again and again, over other data, is emitted once.
 *
 * Nodes and cells are numbered as they are met, so what is shared and what is only equal have different texts. Only what
 * is asked of a node is read, as in `demand.ts`. Values of literals are part of the form, values of `given` cells are not.
 * Origins are not: errors show the calls of the graph that was emitted first, as those of cached programs do.
 */

import type { ScalarValue } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import type { Param } from './emission.ts';
import type { Roots } from './emit.ts';
import type { Lease } from './lease.ts';
import type { FieldRef, Instead, Node, PrimArg } from './node.ts';

/** Graphs with more nodes and cells are emitted each time: their text would be kept, too. */
const MOST_ITEMS = 1000;

export interface Form {
  readonly key: string;
  /** What the graph reads, in the order in which it is met. */
  readonly params: readonly Param[];
  readonly leases: ReadonlySet<Lease>;
}

/** The form of roots; null for a graph that is too large. W8009 where data were disposed. */
export function formOf(roots: Roots): Form | null {
  const writer = new Writer();
  let key = '';
  for (const f of roots.fields) key += `${writer.field(f)},`;
  for (const c of roots.scalars) key += `${writer.number(c)};`;
  for (let at = 0; at < writer.items.length; at++) {
    if (at === MOST_ITEMS) return null;
    const item = writer.items[at];
    if (item !== undefined) key += 'rank' in item ? writer.node(item) : writer.cell(item);
  }
  const { params, leases } = writer;
  return { key, params, leases };
}

class Writer {
  /** What was met, in this order; those whose text is still to be written are behind the others. */
  readonly items: (Node | Cell)[] = [];
  readonly params: Param[] = [];
  readonly leases = new Set<Lease>();
  readonly #numbers = new Map<Node | Cell, number>();

  number(item: Node | Cell): number {
    const known = this.#numbers.get(item);
    if (known !== undefined) return known;
    this.#numbers.set(item, this.items.length);
    return this.items.push(item) - 1;
  }

  /** An output of a node, with what computes it. */
  field({ node, index }: FieldRef): string {
    const at = `${this.number(node)}.${index}`;
    switch (node.kind) {
      case 'source':
        return `${at}#${this.#column(node, index)}`;
      case 'loop':
        return `${at}=${this.#numberOf(node.outs[index])}`;
      case 'reduce':
      case 'group':
        return `${at}=${this.#slot(node, index)}`;
      case 'slice':
      case 'interleave':
      case 'prim':
      case 'index':
        return at;
      default:
        return node satisfies never;
    }
  }
  #slot(node: Extract<Node, { readonly kind: 'reduce' | 'group' }>, index: number): string {
    const slot = node.slots[node.kind === 'group' ? index - node.keys.length : index];
    return slot === undefined ? '' : `${slot.op}${this.number(slot.value)}`;
  }
  #numberOf(c: Cell | null | undefined): number | '' {
    return c === null || c === undefined ? '' : this.number(c);
  }
  /** The type of a column, which a primitive goes by, and its number among what is read. */
  #column({ columns, length, lease, origin }: Extract<Node, { readonly kind: 'source' }>, index: number): string {
    lease.check(origin);
    this.leases.add(lease);
    const column = columns[index];
    if (column === undefined) return '';
    const { data, ty } = column;
    const known = this.params.findIndex((p) => 'data' in p && p.data === data && p.ty === ty && p.length === length);
    return `${ty.scalar}${known >= 0 ? known : this.params.push({ ty, data, length }) - 1}`;
  }

  /** What a node does, apart from its outputs. */
  node(n: Node): string {
    switch (n.kind) {
      case 'source':
        return `S\n`;
      case 'loop':
        return `L${this.#numberOf(n.keep)}@${this.field(n.anchor)}${n.instead === undefined ? '' : this.#instead(n.instead)}\n`;
      case 'interleave':
        return `W${n.cells.map((c) => this.number(c))}@${this.field(n.anchor)}\n`;
      case 'reduce':
        return `R@${this.field(n.anchor)}\n`;
      case 'group':
        return `G${n.keys.map((k) => this.number(k))}:${this.#numberOf(n.bound)}@${this.field(n.anchor)}\n`;
      case 'index':
        return `I${this.number(n.key)}:${this.#numberOf(n.keep)}@${this.field(n.anchor)}\n`;
      case 'slice':
        return `C${n.start}:${n.size}:${n.ins.map((f) => this.field(f))}\n`;
      case 'prim':
        return `P${n.name}:${n.outs.map((ty) => ty.scalar)}:${n.args.map((a) => this.#argument(a)).join(';')}\n`;
      default:
        return n satisfies never;
    }
  }

  #instead({ by, skipped }: Instead): string {
    return `!${this.number(by)}-${skipped.map((n) => this.number(n))}`;
  }
  #argument(a: PrimArg): string {
    switch (a.kind) {
      case 'column':
        return this.field(a.ref);
      case 'scalar':
        return `=${this.number(a.value)}`;
      case 'list':
        return `[${a.elem.scalar}${a.items.map((c) => this.number(c))}]`;
      default:
        return a satisfies never;
    }
  }

  cell(c: Cell): string {
    const ty = c.ty.scalar;
    switch (c.kind) {
      case 'input':
        return `i${ty}${this.field(c.ref)}\n`;
      case 'at':
        return `a${ty}${this.number(c.index)}@${this.field(c.table)}\n`;
      case 'outer':
        return `o${ty}${this.field(c)}\n`;
      case 'given':
        return `g${ty}${this.params.push(c)}\n`;
      case 'find':
        return `f${this.number(c.node)}:${this.number(c.key)}\n`;
      case 'row':
        return 'r\n';
      case 'lit':
        return `l${ty}${literalText(c.lit.lit)}\n`;
      case 'bin':
        return `b${c.op}${this.number(c.a)}:${this.number(c.b)}\n`;
      case 'un':
        return `u${c.op}${this.number(c.a)}\n`;
      case 'cast':
        return `c${ty}${this.number(c.a)}\n`;
      case 'select':
        return `s${this.number(c.cond)}:${this.number(c.a)}:${this.number(c.b)}\n`;
      case 'guard':
        return `w${this.number(c.cond)}:${this.number(c.then)}:${this.number(c.otherwise)}\n`;
      default:
        return c satisfies never;
    }
  }
}

/** A literal; zeros of both signs differ. */
function literalText(v: ScalarValue): string {
  if (typeof v === 'bigint') return `${v}n`;
  return Object.is(v, -0) ? '-0' : String(v);
}
