/**
 * Columns that one loop filters side by side become one vector of structs, so that who zips them walks one vector:
 *
 *     R = result(for(x, {appender[f64],appender[i64]}, |b,i,e| if(c, {merge(b.$0, e), merge(b.$1, i)}, b)))
 *     result(for(zip(R.$0, R.$1), merger[f64,+], |b,i,e| merge(b, e.$0 * f64(e.$1))))
 *         ->  v = result(for(x, appender[{f64,i64}], |b,i,e| if(c, merge(b, {e, i}), b)))
 *             result(for(v, merger[f64,+], |b,i,e| merge(b, e.$0 * f64(e.$1))))
 *
 * A vector of structs has the columns that the vectors had, so nothing is lost; and a loop over one filter is what the
 * vertical passes fuse. Appenders that others read as well stay beside the new one.
 *
 * Values are computed before the merges of their block: merges move behind them (`sinkMerges`).
 */

import { lockstepOf } from '../analysis/lockstep.ts';
import { type BlockIndex, type FreshLoop, hasOneSymbol, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Iter, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { appender, struct, type Type } from '../core/types.ts';
import { substitute } from '../core/walk.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { onlyFields, rebuildLoop } from './rebuild-loop.ts';
import { makeLet, mapProgramBlocks } from './rewrite.ts';
import { sinkMerges } from './sink-merges.ts';

const NEEDS = [
  sound('walked-alone', 'the iterators of the consumer walk vectors of one loop and nothing else'),
  sound('taken-apart', 'the values of that loop are only taken apart, in its own block'),
  sound('appenders', 'the vectors are those of appenders'),
  profit('no-maps', 'they do not merge exactly once in every iteration: a map is fused without packing'),
  sound(
    'lockstep',
    'they merge in lockstep: in the same blocks, as often, in the same order with respect to branches and inner loops, \
so that their vectors have one length and one order',
  ),
  sound(
    'no-other-readers',
    'one of the vectors has one symbol and no other readers (but `len`): its appender is the one that is packed',
  ),
];
type Context = Asking<typeof NEEDS>;

export const pack: Pass = {
  name: 'pack',
  doc: 'make one vector of structs of columns that are filtered side by side',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => packBlock(b, p.syms, cx)),
};

/** Packs until nothing is left to pack; every time takes readers from a vector for good. */
function packBlock(b: Block, syms: SymTab, cx: Context): Block {
  for (let block = b; ; ) {
    const ix = indexBlock(block);
    const found = find(ix, syms, cx);
    if (found === null || !cx.enabled('pack-columns')) return block;
    cx.fired('pack-columns');
    block = apply(found, ix, syms);
  }
}

interface Packing {
  readonly loop: FreshLoop;
  /** The components to pack, ascending, and the one whose appender takes them all. */
  readonly components: readonly number[];
  readonly carrier: number;
  /** The values that each merge of the carrier appends, in the order of the text. */
  readonly rows: readonly (readonly Atom[])[];
  /** The vector of each component. */
  readonly vecs: ReadonlyMap<Sym, number>;
  readonly carried: Sym;
  /** The loops that walk these vectors. */
  readonly consumers: ReadonlySet<Op>;
}

function find(ix: BlockIndex, syms: SymTab, cx: Context): Packing | null {
  if (ix.products.size < 2) return null;
  for (const l of ix.block.lets) {
    if (l.op.kind !== 'for' || l.op.iters.length < 2) continue;
    const walked = walkedProducts(l.op, ix);
    if (walked === null) continue;
    const packing = packingOf(walked, ix, syms, cx);
    if (packing !== null) return packing;
  }
  return null;
}

/** The products of one loop that another loop walks, when these are several. */
function walkedProducts(op: OpOf<'for'>, ix: BlockIndex): ReadonlyMap<Sym, number> | null {
  const vecs = new Map<Sym, number>();
  let loop: FreshLoop | null = null;
  for (const it of op.iters) {
    const product = it.kind === 'scan' && isSym(it.vec) ? ix.products.get(it.vec) : undefined;
    if (it.kind !== 'scan' || !isSym(it.vec) || product === undefined) continue;
    loop ??= product.loop;
    if (product.loop === loop) vecs.set(it.vec, product.component);
  }
  return new Set(vecs.values()).size > 1 ? vecs : null;
}

function packingOf(vecs: ReadonlyMap<Sym, number>, ix: BlockIndex, syms: SymTab, cx: Context): Packing | null {
  const [first] = vecs.keys();
  const loop = first === undefined ? undefined : ix.products.get(first)?.loop;
  if (loop === undefined) return null;
  const consumers = new Set<Op>();
  for (const { op } of ix.block.lets) {
    if (op.kind !== 'for' || !op.iters.some((it) => walks(it, vecs))) continue;
    if (
      cx.holds(
        'walked-alone',
        op.iters.every((it) => walks(it, vecs)),
      )
    )
      consumers.add(op);
  }
  if (!cx.holds('taken-apart', onlyFields(loop, ix))) return null;
  const components = [...new Set(vecs.values())].sort((x, y) => x - y);
  const appenders = components.every((k) => syms.type(loop.builders[k] ?? loop.sym).kind === 'appender');
  if (!cx.holds('appenders', appenders)) return null;
  if (
    !cx.holds(
      'no-maps',
      components.every((k) => loop.maps[k] == null),
    )
  )
    return null;
  const rows = lockstepOf(loop.op.body, components, syms, (same) => cx.holds('lockstep', same));
  if (rows === null) return null;
  const own = [...vecs].find(
    ([vec, component]) => hasOneSymbol({ loop, component }, ix) && onlyWalked(vec, consumers, ix),
  );
  const [carried, carrier] = own ?? [...vecs][0] ?? [];
  if (!cx.holds('no-other-readers', own !== undefined) || carried === undefined || carrier === undefined) return null;
  return { loop, components, carrier, rows, vecs, carried, consumers };
}

/** Every read of `vec` is a `len`, or an iterator of one of the consumers. */
function onlyWalked(vec: Sym, consumers: ReadonlySet<Op>, ix: BlockIndex): boolean {
  let reads = 0;
  for (const { op } of ix.block.lets) {
    if (op.kind === 'len' && op.of === vec) reads++;
    if (op.kind === 'for' && consumers.has(op)) reads += op.iters.filter((it) => scans(it, vec)).length;
  }
  return reads === ix.uses.get(vec);
}
const scans = (it: Iter, vec: Sym): boolean => it.kind === 'scan' && it.vec === vec;
const walks = (it: Iter, vecs: ReadonlyMap<Sym, number>): boolean =>
  it.kind === 'scan' && isSym(it.vec) && vecs.has(it.vec);

function apply(p: Packing, ix: BlockIndex, syms: SymTab): Block {
  const elem = struct(p.components.map((k) => elemOf(p, k, syms)));
  const builder = makeLet(
    { kind: 'builder', ty: appender(elem), arg: null, notes: {} },
    syms,
    p.loop.builders[p.carrier],
  );
  let site = 0;
  const merge = (b: Atom, _value: Atom, out: Let[]): Atom => {
    const row = makeLet({ kind: 'struct', fields: p.rows[site++] ?? [] }, syms, null, 's');
    const merged = makeLet({ kind: 'merge', builder: b, value: row.sym }, syms, isSym(b) ? b : null, 'b');
    out.push(row, merged);
    return merged.sym;
  };
  const change = { lets: [builder], builder: builder.sym, component: { ty: appender(elem), merge } };
  const sunk = { ...p.loop, op: { ...p.loop.op, body: sinkMerges(p.loop.op.body) } };
  const { replaced, values } = rebuildLoop(sunk, new Map([[p.carrier, change]]), aliased(ix, p.loop, sunk), syms);
  const packed = values.get(p.carried);
  const lets = ix.block.lets.flatMap((l): readonly Let[] => {
    const made = replaced.get(l.sym);
    if (made !== undefined) return made;
    if (packed === undefined) return [l];
    if (l.op.kind === 'len' && l.op.of === p.carried) return [{ sym: l.sym, op: { kind: 'len', of: packed } }];
    return l.op.kind === 'for' && p.consumers.has(l.op) && l.op.iters.some((it) => scans(it, p.carried))
      ? [{ sym: l.sym, op: overPacked(l.op, packed, elem, p, syms) }]
      : [l];
  });
  return { params: ix.block.params, lets, result: ix.block.result };
}

/** The index with one loop in the place of another. */
function aliased(ix: BlockIndex, old: FreshLoop, made: FreshLoop): BlockIndex {
  const products = new Map([...ix.products].map(([s, p]) => [s, p.loop === old ? { ...p, loop: made } : p]));
  return { ...ix, products };
}

function elemOf(p: Packing, component: number, syms: SymTab): Type {
  const ty = syms.type(p.loop.builders[component] ?? p.loop.sym);
  return ty.kind === 'appender' ? ty.elem : ty;
}

/** The loop over the packed vector: what was an element is a field of the new one. */
function overPacked(op: OpOf<'for'>, packed: Sym, elem: Type, p: Packing, syms: SymTab): OpOf<'for'> {
  const [b, i, ...elems] = op.body.params;
  const whole = syms.fresh(elem, 'e');
  const fields: Let[] = [];
  const subst = new Map<Sym, Atom>();
  for (const [k, it] of op.iters.entries()) {
    const old = elems[k];
    const component = it.kind === 'scan' && isSym(it.vec) ? p.vecs.get(it.vec) : undefined;
    if (old === undefined || component === undefined) continue;
    const field = makeLet({ kind: 'field', of: whole, index: p.components.indexOf(component) }, syms, old);
    fields.push(field);
    subst.set(old, field.sym);
  }
  const iters: readonly Iter[] = [{ kind: 'scan', vec: packed }];
  const params = [b, i, whole].filter((s) => s !== undefined);
  const body = substitute({ params, lets: op.body.lets, result: op.body.result }, subst);
  return { ...op, iters, body: { ...body, lets: [...fields, ...body.lets] } };
}
