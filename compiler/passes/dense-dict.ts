/**
 * Dictionaries with few possible keys get a table with a place for each, and nothing is hashed.
 *
 *     dictmerger[i64,f64,+] .. merge(b, {e % 8L, x})                      (e is not negative)
 *         ->  @(dense:true)dictmerger[i64,f64,+](8L) .. merge(b, {e % 8L, x})
 *
 *     d = result(.. dictmerger[{bool,i8},f64,+] .. merge(b, {{p, k}, x}) ..); tovec(d)
 *         ->  d = result(.. @(dense:true)dictmerger[i32,f64,+](512L) .. merge(b, {i32(p) * 256 + i32(k) + 128, x}) ..);
 *             result(for(tovec(d), appender[..], |b,i,e| merge(b, {{bool(e.$0 / 256), i8(e.$0 % 256 - 128)}, e.$1})))
 *
 * The first form (`dense-keys`) takes integers from 0 as they are. The second (`coded-keys`) numbers all combinations of
 * the parts of a key, which may be negative or bool, and gives the keys back where the entries are walked. The order of
 * first insertion is kept by both. The ranges are those of `analysis/range.ts`.
 */

import { DENSE_KEYS } from '../analysis/cost.ts';
import { allOf, type Interval } from '../analysis/interval.ts';
import { type Fact, isInterval, joinFacts, rangesOf } from '../analysis/range.ts';
import { mergeSitesOf } from '../analysis/sites.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import { Builder, i64, lit, scan } from '../core/build.ts';
import type { Atom, Block, Let, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import {
  appender,
  type DictMergerType,
  dictmerger,
  I32,
  I64,
  isInt,
  isScalar,
  type ScalarType,
  scalarBytes,
  struct,
  type Type,
} from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { type Change, onlyFields, rebuildLoop } from './rebuild-loop.ts';
import { makeLet, mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  profit('not-dense-yet', 'the dictmerger is not dense already'),
  // Of coded keys.
  sound('few-keys', 'there are no more than DENSE_KEYS combinations of the parts of a key, integers and bools'),
  sound('entries-only', 'all that is read of the dictionary is `tovec`'),
  sound('taken-apart', 'the values of a loop with several builders are only taken apart: the type is another one'),
];
type Context = Asking<typeof NEEDS>;

export const denseDict: Pass = {
  name: 'dense-dict',
  doc: 'give dictionaries with few possible keys a table instead of a hash table',
  needs: NEEDS,
  run(p, cx) {
    const ranges = lazily(() => rangesOf(p.body, p.syms));
    return mapProgramBlocks(p, (b) => densify(b, p, ranges, cx));
  },
};

type Ranges = () => ReadonlyMap<Sym, Fact>;

function lazily<T>(f: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: f() };
    return made.value;
  };
}

/** A dictmerger to change. */
interface Candidate {
  readonly loop: FreshLoop;
  readonly component: number;
  readonly sym: Sym;
  readonly op: OpOf<'builder'>;
  readonly ty: DictMergerType;
  /** What is known of the keys. */
  readonly key: Fact;
}

function densify(b: Block, p: Program, ranges: Ranges, cx: Context): Block {
  if (!b.lets.some((l) => l.op.kind === 'builder' && l.op.ty.kind === 'dictmerger')) return b;
  const ix = indexBlock(b);
  let replaced = new Map<Sym, readonly Let[]>();
  const decoded = new Map<Sym, Decode>();
  for (const loop of ix.loops.values()) {
    const coded: { readonly c: Candidate; readonly code: Code }[] = [];
    for (const c of candidates(loop, ix, p.syms, ranges, cx)) {
      if (isInterval(c.key) && isInt(c.ty.key) && c.key.lo >= 0n && c.key.hi < BigInt(DENSE_KEYS)) {
        if (!cx.enabled('dense-keys')) continue;
        cx.fired('dense-keys');
        replaced.set(c.sym, [{ sym: c.sym, op: dense(c.op, c.ty, c.key.hi + 1n) }]);
        continue;
      }
      const code = codeFor(c.ty.key, c.key);
      if (code === null || !cx.holds('few-keys', code.count <= BigInt(DENSE_KEYS))) continue;
      if (!cx.holds('taken-apart', onlyFields(c.loop, ix)) || !cx.holds('entries-only', onlyEntries(c, ix))) continue;
      coded.push({ c, code });
    }
    if (coded.length === 0 || !cx.enabled('coded-keys')) continue;
    cx.fired('coded-keys');
    const changes = new Map(coded.map(({ c, code }) => [c.component, changeOf(c, code, p.syms)]));
    const made = rebuildLoop(loop, changes, ix, p.syms);
    replaced = new Map([...replaced, ...made.replaced]);
    for (const [old, fresh] of made.values) {
      const own = coded.find(({ c }) => ix.products.get(old)?.component === c.component);
      if (own !== undefined) decoded.set(old, { dict: fresh, code: own.code, ty: own.c.ty });
    }
  }
  if (replaced.size === 0) return b;
  const lets = b.lets.flatMap((l) => replaced.get(l.sym) ?? [l]);
  return withKeys({ params: b.params, lets, result: b.result }, decoded, p.syms);
}

function candidates(loop: FreshLoop, ix: BlockIndex, syms: SymTab, ranges: Ranges, cx: Context): readonly Candidate[] {
  return loop.builders.flatMap((sym, component) => {
    const op = ix.block.lets[ix.at.get(sym) ?? -1]?.op;
    if (op?.kind !== 'builder' || op.ty.kind !== 'dictmerger') return [];
    if (!cx.holds('not-dense-yet', op.notes['dense'] !== true)) return [];
    const sites = mergeSitesOf(loop.op.body, syms).get(loop.gather === null ? '' : `${component}`) ?? [];
    const keys = sites.map((m): Fact => {
      const pair = isSym(m.value) ? (ranges().get(m.value) ?? null) : null;
      return pair === null || isInterval(pair) ? null : (pair[0] ?? null);
    });
    const [first = null, ...rest] = keys;
    return [{ loop, component, sym, op, ty: op.ty, key: rest.reduce(joinFacts, first) }];
  });
}

const dense = (op: OpOf<'builder'>, ty: DictMergerType, n: bigint): OpOf<'builder'> => ({
  ...op,
  ty,
  arg: i64(n),
  notes: { ...op.notes, dense: true },
});

/** True when the dictionary is read by `tovec` alone, wherever that is. */
function onlyEntries(c: Candidate, ix: BlockIndex): boolean {
  const dicts = [...ix.products].flatMap(([s, p]) => (p.loop === c.loop && p.component === c.component ? [s] : []));
  const reads = new Map<Sym, number>();
  forEachLet(ix.block, ({ op }) => {
    if (op.kind === 'tovec' && isSym(op.of)) reads.set(op.of, (reads.get(op.of) ?? 0) + 1);
  });
  return dicts.every((d) => (reads.get(d) ?? 0) === (ix.uses.get(d) ?? 0));
}

/** The numbers of all combinations of the scalars of a key. */
interface Code {
  /** The kind that the arithmetic is done in: no part has values that it cannot count from `lo`. */
  readonly wide: ScalarType;
  readonly parts: readonly { readonly ty: ScalarType; readonly lo: bigint; readonly extent: bigint }[];
  readonly count: bigint;
}

function codeFor(key: Type, fact: Fact): Code | null {
  const parts = partsOf(key, fact);
  const [first] = parts ?? [];
  if (parts === null || first === undefined) return null;
  const ranges = parts.map(({ ty, range: { lo, hi } }) => ({ ty, lo, extent: hi - lo + 1n }));
  const count = ranges.reduce((n, r) => n * r.extent, 1n);
  const wide = parts.some(({ ty }) => scalarBytes(ty.scalar) === 8) ? I64 : I32;
  return { wide, parts: ranges, count };
}

/** The scalars of a key with what is known of each; null when one of them is no integer or bool. */
function partsOf(t: Type, f: Fact): { readonly ty: ScalarType; readonly range: Interval }[] | null {
  if (isScalar(t)) {
    const all = allOf(t.scalar);
    return all === null ? null : [{ ty: t, range: isInterval(f) ? f : all }];
  }
  if (t.kind !== 'struct') return null;
  const all: { readonly ty: ScalarType; readonly range: Interval }[] = [];
  for (const [k, field] of t.fields.entries()) {
    const own = partsOf(field, f === null || isInterval(f) ? null : (f[k] ?? null));
    if (own === null) return null;
    all.push(...own);
  }
  return all;
}

function changeOf(c: Candidate, code: Code, syms: SymTab): Change {
  const ty = dictmerger(I32, c.ty.value, c.ty.op);
  const made = makeLet(dense(c.op, ty, code.count), syms, c.sym);
  const merge = (b: Atom, pair: Atom, out: Let[]): Atom => {
    const bld = new Builder(syms);
    const { lets, result } = bld.block([], () => {
      const number = encode(bld, bld.field(pair, 0), c.ty.key, code);
      return bld.merge(b, bld.struct([number, bld.field(pair, 1)]));
    });
    out.push(...lets);
    return result;
  };
  return { lets: [made], builder: made.sym, component: { ty, merge } };
}

/** The number of a key, an i32. */
function encode(bld: Builder, key: Atom, ty: Type, { wide, parts }: Code): Atom {
  const scalars = leafAtoms(bld, key, ty);
  let number: Atom | null = null;
  for (const [k, { lo, extent }] of parts.entries()) {
    const scalar = scalars[k];
    if (scalar === undefined) continue;
    const value = bld.cast(wide, scalar);
    const offset = lo === 0n ? value : bld.bin('-', value, lit(wide, lo));
    number = number === null ? offset : bld.bin('+', bld.bin('*', number, lit(wide, extent)), offset);
  }
  return bld.cast(I32, number ?? lit(wide, 0));
}

function leafAtoms(bld: Builder, a: Atom, ty: Type): readonly Atom[] {
  return ty.kind === 'struct' ? ty.fields.flatMap((f, k) => leafAtoms(bld, bld.field(a, k), f)) : [a];
}

/** The key with a number. */
function decode(bld: Builder, number: Atom, ty: Type, { wide, parts }: Code): Atom {
  const scalars: Atom[] = [];
  let rest = bld.cast(wide, number);
  for (const [k, { ty: own, lo, extent }] of [...parts.entries()].reverse()) {
    const last = k === 0;
    const offset = last ? rest : bld.bin('%', rest, lit(wide, extent));
    if (!last) rest = bld.bin('/', rest, lit(wide, extent));
    scalars.unshift(bld.cast(own, lo === 0n ? offset : bld.bin('+', offset, lit(wide, lo))));
  }
  const build = (t: Type): Atom => {
    if (t.kind === 'struct') return bld.struct(t.fields.map(build));
    return scalars.shift() ?? number;
  };
  return build(ty);
}

/** A dictionary with numbers for keys, and the type that it stands for. */
interface Decode {
  readonly dict: Sym;
  readonly code: Code;
  readonly ty: DictMergerType;
}

/** The block with the entries of coded dictionaries given their keys again. */
function withKeys(b: Block, decoded: ReadonlyMap<Sym, Decode>, syms: SymTab): Block {
  if (decoded.size === 0) return b;
  const visit = (inner: Block): Block => {
    const lets = inner.lets.flatMap((l): readonly Let[] => {
      const own = l.op.kind === 'tovec' && isSym(l.op.of) ? decoded.get(l.op.of) : undefined;
      if (own !== undefined) return entriesOf(own, l.sym, syms);
      const op = mapBlocks(l.op, visit);
      return [op === l.op ? l : { sym: l.sym, op }];
    });
    return rebuilt(inner, lets, inner.result);
  };
  return visit(b);
}

/** The entries with their keys, under the symbol that they had. */
function entriesOf({ dict, code, ty }: Decode, sym: Sym, syms: SymTab): readonly Let[] {
  const bld = new Builder(syms);
  const { lets, result } = bld.block([], () => {
    const out = bld.builder(appender(struct([ty.key, ty.value])));
    return bld.loop([scan(bld.tovec(dict))], out, (b, _i, e) =>
      bld.merge(b, bld.struct([decode(bld, bld.field(e, 0), ty.key, code), bld.field(e, 1)])),
    );
  });
  return [...lets, { sym, op: { kind: 'result', builder: result } }];
}
