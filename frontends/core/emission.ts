/**
 * The state of one emission: the Core program under construction and where each lazy output went in it.
 *
 * An output is a vector symbol and a path into its element: column k of a filter's result is field k of a vector of
 * structs, and is read there, not copied out first. Sources become parameters, one for each typed array, in order of
 * first appearance; so do the scalars that data decides.
 */

import type { Atom, ScalarType, Sym, Type, TypedArray, Value } from '../../compiler/index.ts';
import { appender, Builder, invariant, scan, vec } from '../../compiler/index.ts';
import type { Cell, GivenCell } from './cell.ts';
import type { Lease } from './lease.ts';
import type { FieldRef, IndexNode, Node, ReduceNode, SourceColumn } from './node.ts';

/** A lazy output in the program: elements are `path` of the elements of `vec`. */
export interface Place {
  readonly vec: Sym;
  readonly path: readonly number[];
}

/** Data that a program is given, as a vector of scalars. */
export interface DataParam {
  readonly data: TypedArray;
  readonly length: number;
  readonly ty: ScalarType;
}
export type Param = DataParam | GivenCell;

/** The argument for a parameter. */
export const argumentFor = (p: Param): Value =>
  'data' in p ? { kind: 'vec', elem: p.ty, length: p.length, cols: [p.data] } : p.value;

export class Emission {
  readonly b = new Builder();
  /** What the parameters made so far are for, in order. */
  readonly params: Param[] = [];
  /** Cells computed outside every loop. */
  readonly top = new Scope(null);
  readonly #places = new Map<Node, Map<number, Place>>();
  readonly #copies = new Map<Node, Map<number, Sym>>();
  readonly #scalars = new Map<ReduceNode, Map<number, Atom>>();
  readonly #dicts = new Map<IndexNode, Sym>();
  readonly #arrays = new Map<TypedArray, (DataParam & { readonly sym: Sym })[]>();
  readonly #givens = new Map<Cell, Sym>();

  /** The leases on the data that are read. */
  readonly leases = new Set<Lease>();

  /** The parameter for a source column: one for each array, type and length. */
  source({ ty, data }: SourceColumn, length: number): Sym {
    const made = this.#arrays.get(data) ?? [];
    const known = made.find((m) => m.ty === ty && m.length === length);
    if (known !== undefined) return known.sym;
    const sym = this.b.param(vec(ty), 'x');
    this.params.push({ ty, data, length });
    this.#arrays.set(data, [...made, { ty, data, length, sym }]);
    return sym;
  }
  /** The parameter for a scalar that data decides. */
  given(c: GivenCell): Sym {
    const known = this.#givens.get(c);
    if (known !== undefined) return known;
    const sym = this.b.param(c.ty, 'k');
    this.params.push(c);
    this.#givens.set(c, sym);
    return sym;
  }

  setPlace(node: Node, index: number, place: Place): void {
    setIn(this.#places, node, index, place);
  }
  place(ref: FieldRef): Place {
    const found = getIn(this.#places, ref.node, ref.index);
    invariant(found !== undefined, () => `output ${ref.index} of a ${ref.node.kind} node was not emitted`);
    return found;
  }
  /** A lazy output as a vector of scalars: one that is a field of structs is copied out, once. */
  column(ref: FieldRef): Sym {
    const place = this.place(ref);
    if (place.path.length === 0) return place.vec;
    const known = getIn(this.#copies, ref.node, ref.index);
    if (known !== undefined) return known;
    const { b } = this;
    const loop = b.loop([scan(place.vec)], b.builder(appender(this.#typeAt(place))), (acc, _row, elem) =>
      b.merge(
        acc,
        place.path.reduce<Sym>((of, k) => b.field(of, k), elem),
      ),
    );
    const made = b.result(loop);
    setIn(this.#copies, ref.node, ref.index, made);
    return made;
  }
  /** The type of the elements of a vector. */
  elemOf(vector: Sym): Type {
    const ty = this.b.typeOf(vector);
    invariant(ty.kind === 'vec', () => 'a place is in a vector');
    return ty.elem;
  }
  #typeAt({ vec: vector, path }: Place): Type {
    return path.reduce((t, k) => (t.kind === 'struct' ? (t.fields[k] ?? t) : t), this.elemOf(vector));
  }
  setScalar(node: ReduceNode, index: number, atom: Atom): void {
    setIn(this.#scalars, node, index, atom);
  }
  scalar(node: ReduceNode, index: number): Atom {
    const found = getIn(this.#scalars, node, index);
    invariant(found !== undefined, () => `slot ${index} of a reduction was not emitted`);
    return found;
  }
  setDict(node: IndexNode, dict: Sym): void {
    this.#dicts.set(node, dict);
  }
  dict(node: IndexNode): Sym {
    const found = this.#dicts.get(node);
    invariant(found !== undefined, () => 'an index was not emitted');
    return found;
  }
}

const getIn = <N, V>(map: ReadonlyMap<N, ReadonlyMap<number, V>>, node: N, index: number): V | undefined =>
  map.get(node)?.get(index);
function setIn<N, V>(map: Map<N, Map<number, V>>, node: N, index: number, value: V): void {
  const inner = map.get(node);
  if (inner === undefined) map.set(node, new Map([[index, value]]));
  else inner.set(index, value);
}

/** What has been computed in a block, and through `parent` in the blocks around it. */
export class Scope {
  readonly #parent: Scope | null;
  readonly #cells = new Map<Cell, Atom>();
  readonly #fields = new Map<Sym, Map<number, Sym>>();
  /** The loop's iteration number, and the element of each vector it walks. */
  readonly #row: Atom | null;
  readonly #elems: ReadonlyMap<Sym, Sym> | null;

  constructor(parent: Scope | null, loop: { row: Atom; elems: ReadonlyMap<Sym, Sym> } | null = null) {
    this.#parent = parent;
    this.#row = loop?.row ?? null;
    this.#elems = loop?.elems ?? null;
  }
  /** A scope for a block inside this one. */
  inner(): Scope {
    return new Scope(this);
  }
  get(c: Cell): Atom | undefined {
    return this.#cells.get(c) ?? this.#parent?.get(c);
  }
  set(c: Cell, atom: Atom): void {
    this.#cells.set(c, atom);
  }
  row(): Atom {
    const found = this.#row ?? this.#parent?.row() ?? null;
    invariant(found !== null, () => 'a row number is only known in a loop');
    return found;
  }
  elem(vector: Sym): Sym {
    const found = this.#elems?.get(vector) ?? this.#parent?.elem(vector);
    invariant(found !== undefined, () => 'a cell reads a vector that its loop does not walk');
    return found;
  }
  /** `of.$index`, read once in a block. */
  field(b: Builder, of: Sym, index: number): Sym {
    const known = this.#knownField(of, index);
    if (known !== undefined) return known;
    const made = b.field(of, index);
    setIn(this.#fields, of, index, made);
    return made;
  }
  #knownField(of: Sym, index: number): Sym | undefined {
    const here = this.#fields.get(of)?.get(index);
    return here === undefined && this.#parent !== null ? this.#parent.#knownField(of, index) : here;
  }
  /** Follows a path of fields. */
  path(b: Builder, of: Sym, path: readonly number[]): Sym {
    return path.reduce<Sym>((at, index) => this.field(b, at, index), of);
  }
}
