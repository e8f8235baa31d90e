/**
 * Aggregates of the same groups become one dictionary of structs:
 *
 *     R = result(for(x, {dictmerger[i64,f64,+],dictmerger[i64,i64,+]}, |b,i,e|
 *           {merge(b.$0, {k(e), e}), merge(b.$1, {k(e), 1L})}))
 *     lookup(R.$0, 3L) / f64(lookup(R.$1, 3L))
 *         ->  d = result(for(x, dictmerger[i64,{f64,i64},+], |b,i,e| merge(b, {k(e), {e, 1L}})))
 *             lookup(d, 3L).$0 / f64(lookup(d, 3L).$1)
 *
 * One table is probed where there were several. `tovec` of one of them becomes a loop over the entries of the new one,
 * which the vertical passes take into its reader; and a loop over the entries of a dictionary that looks its own key up
 * has the value at hand (rule `own-entry`).
 */

import { lockstepOf } from '../analysis/lockstep.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { appender, type DictMergerType, dictmerger, I64, struct, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { onlyFields, rebuildLoop } from './rebuild-loop.ts';
import { makeLet, mapBlocks, mapProgramBlocks } from './rewrite.ts';
import { sinkMerges } from './sink-merges.ts';

const NEEDS = [
  sound('taken-apart', 'the builders are components of one fresh loop, whose values are only taken apart'),
  profit('no-hints', 'they have neither hints nor notes, which would be lost'),
  sound('keyed-reads', 'the dictionaries are only read by lookup, optlookup, keyexists and tovec: others could tell'),
  sound('one-operator', 'they merge by one operator'),
  sound('lockstep', 'they merge in lockstep (`analysis/lockstep.ts`)'),
  sound('one-key', 'they merge under one key at each place'),
];
type Context = Asking<typeof NEEDS>;

export const mergeDicts: Pass = {
  name: 'merge-dicts',
  doc: 'make one dictionary of structs of dictionaries with the same keys',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => ownEntries(mergeBlock(b, p.syms, cx), cx)),
};

/** The components of a loop that become one, and what each merges at each place. */
interface Merged {
  readonly loop: FreshLoop;
  readonly components: readonly number[];
  readonly ty: DictMergerType;
  readonly key: readonly Atom[];
  readonly values: readonly (readonly Atom[])[];
  /** The dictionaries, by their symbols: the field of the new values. */
  readonly dicts: ReadonlyMap<Sym, number>;
}

function mergeBlock(b: Block, syms: SymTab, cx: Context): Block {
  for (let block = b; ; ) {
    const ix = indexBlock(block);
    const found = find(ix, syms, cx);
    if (found === null || !cx.enabled('same-keys')) return block;
    cx.fired('same-keys');
    block = apply(found, ix, syms);
  }
}

function find(ix: BlockIndex, syms: SymTab, cx: Context): Merged | null {
  for (const loop of ix.loops.values()) {
    const dictmergers = [...loop.builders.keys()].filter((k) => typeOf(loop, k, syms).kind === 'dictmerger');
    if (dictmergers.length < 2 || !cx.holds('taken-apart', onlyFields(loop, ix))) continue;
    const found = mergedOf(loop, dictmergers, ix, syms, cx);
    if (found !== null) return found;
  }
  return null;
}

/** The largest part of the components that may be merged, starting with the first that may. */
function mergedOf(
  loop: FreshLoop,
  components: readonly number[],
  ix: BlockIndex,
  syms: SymTab,
  cx: Context,
): Merged | null {
  const readable = components.filter((k) => {
    const { keyed, all } = readsOf(loop, k, ix);
    if (all === 0 || !cx.holds('no-hints', isPlain(loop.builders[k], ix))) return false;
    return cx.holds('keyed-reads', keyed === all);
  });
  const defs = new Map<Sym, Op>();
  forEachLet(loop.op.body, (l) => defs.set(l.sym, l.op));
  for (const [at, first] of readable.entries()) {
    const ty = typeOf(loop, first, syms);
    if (ty.kind !== 'dictmerger') continue;
    const isAlike = (k: number): boolean => {
      const other = typeOf(loop, k, syms);
      const same = other.kind === 'dictmerger' && other.op === ty.op;
      return cx.holds('one-operator', same) && samePlaces(loop, [first, k], defs, syms, cx) !== null;
    };
    const alike = readable.slice(at).filter((k) => k === first || isAlike(k));
    const sites = alike.length < 2 ? null : samePlaces(loop, alike, defs, syms, cx);
    if (sites === null) continue;
    const dicts = dictsOf(loop, alike, ix);
    return { loop, components: alike, ty, key: sites.map((s) => s.key), values: sites.map((s) => s.values), dicts };
  }
  return null;
}

const typeOf = (loop: FreshLoop, component: number, syms: SymTab): Type =>
  syms.type(loop.builders[component] ?? loop.sym);

/** The builder has neither hints nor notes. */
function isPlain(builder: Sym | undefined, ix: BlockIndex): boolean {
  const made = builder === undefined ? undefined : ix.block.lets[ix.at.get(builder) ?? -1]?.op;
  return made?.kind === 'builder' && made.arg === null && Object.keys(made.notes).length === 0;
}

interface Place {
  readonly key: Atom;
  readonly values: readonly Atom[];
}

/** What the components merge at each place, when they are in lockstep and under one key everywhere. */
function samePlaces(
  loop: FreshLoop,
  components: readonly number[],
  defs: ReadonlyMap<Sym, Op>,
  syms: SymTab,
  cx: Context,
): readonly Place[] | null {
  const sites = lockstepOf(loop.op.body, components, syms, (same) => cx.holds('lockstep', same));
  if (sites === null) return null;
  const places: Place[] = [];
  for (const pairs of sites) {
    const made = pairs.map((p) => (isSym(p) ? defs.get(p) : undefined));
    const fields = made.flatMap((op) => (op?.kind === 'struct' ? [op.fields] : []));
    const [key] = fields[0] ?? [];
    if (fields.length !== pairs.length || key === undefined) return null;
    if (
      !cx.holds(
        'one-key',
        fields.every((f) => f[0] === key),
      )
    )
      return null;
    places.push({ key, values: fields.flatMap((f) => f[1] ?? []) });
  }
  return places;
}

/** The symbols of the dictionaries that the components make, with their place among them. */
function dictsOf(loop: FreshLoop, components: readonly number[], ix: BlockIndex): ReadonlyMap<Sym, number> {
  const dicts = new Map<Sym, number>();
  for (const [s, p] of ix.products) {
    if (p.loop === loop && components.includes(p.component)) dicts.set(s, components.indexOf(p.component));
  }
  return dicts;
}

const KEYED: ReadonlySet<Op['kind']> = new Set(['lookup', 'optlookup', 'keyexists', 'tovec']);

/** How often the component's dictionary is read, and how often it is asked for keys or for all entries. */
function readsOf(loop: FreshLoop, component: number, ix: BlockIndex): { readonly keyed: number; readonly all: number } {
  const dicts = dictsOf(loop, [component], ix);
  let keyed = 0;
  forEachLet(ix.block, ({ op }) => {
    if ('of' in op && isSym(op.of) && dicts.has(op.of) && KEYED.has(op.kind)) keyed++;
  });
  return { keyed, all: [...dicts.keys()].reduce((n, s) => n + (ix.uses.get(s) ?? 0), 0) };
}

function apply(m: Merged, ix: BlockIndex, syms: SymTab): Block {
  const carrier = m.components[0] ?? 0;
  const value = struct(m.components.map((k) => valueTypeOf(m.loop, k, syms)));
  const ty = dictmerger(m.ty.key, value, m.ty.op);
  const builder = makeLet({ kind: 'builder', ty, arg: null, notes: {} }, syms, m.loop.builders[carrier]);
  let site = 0;
  const merge = (b: Atom, _pair: Atom, out: Let[]): Atom => {
    const at = site++;
    const values = makeLet({ kind: 'struct', fields: m.values[at] ?? [] }, syms, null, 's');
    const pair = makeLet({ kind: 'struct', fields: [m.key[at] ?? values.sym, values.sym] }, syms, null, 's');
    const merged = makeLet({ kind: 'merge', builder: b, value: pair.sym }, syms, isSym(b) ? b : null, 'b');
    out.push(values, pair, merged);
    return merged.sym;
  };
  const change = { lets: [builder], builder: builder.sym, component: { ty, merge } };
  const sunk = { ...m.loop, op: { ...m.loop.op, body: sinkMerges(m.loop.op.body) } };
  const products = new Map([...ix.products].map(([s, p]) => [s, p.loop === m.loop ? { ...p, loop: sunk } : p]));
  const { replaced, values } = rebuildLoop(sunk, new Map([[carrier, change]]), { ...ix, products }, syms);
  const dict = [...m.dicts].flatMap(([s, k]) => (k === 0 ? (values.get(s) ?? []) : []))[0];
  const lets = ix.block.lets.flatMap((l) => replaced.get(l.sym) ?? [l]);
  const block = { params: ix.block.params, lets, result: ix.block.result };
  return dict === undefined ? ix.block : readMerged(block, m.dicts, dict, syms);
}

function valueTypeOf(loop: FreshLoop, component: number, syms: SymTab): Type {
  const ty = typeOf(loop, component, syms);
  return ty.kind === 'dictmerger' ? ty.value : ty;
}

/** The block with reads of the dictionaries `dicts` read from `dict`. */
function readMerged(b: Block, dicts: ReadonlyMap<Sym, number>, dict: Sym, syms: SymTab): Block {
  const lets = b.lets.flatMap((l): readonly Let[] => {
    const index = 'of' in l.op && isSym(l.op.of) ? dicts.get(l.op.of) : undefined;
    if (index !== undefined && KEYED.has(l.op.kind)) return readField(l, l.op, index, dict, syms);
    const op = mapBlocks(l.op, (inner) => readMerged(inner, dicts, dict, syms));
    return [op === l.op ? l : { sym: l.sym, op }];
  });
  return { params: b.params, lets, result: b.result };
}

/** What stands for a read of one of the old dictionaries. */
function readField(l: Let, op: Op, index: number, dict: Sym, syms: SymTab): readonly Let[] {
  switch (op.kind) {
    case 'keyexists':
      return [{ sym: l.sym, op: { ...op, of: dict } }];
    case 'lookup': {
      const whole = makeLet({ ...op, of: dict }, syms, l.sym);
      return [whole, { sym: l.sym, op: { kind: 'field', of: whole.sym, index } }];
    }
    case 'optlookup': {
      const whole = makeLet({ ...op, of: dict }, syms, l.sym);
      const found = makeLet({ kind: 'field', of: whole.sym, index: 0 }, syms, l.sym);
      const values = makeLet({ kind: 'field', of: whole.sym, index: 1 }, syms, l.sym);
      const value = makeLet({ kind: 'field', of: values.sym, index }, syms, l.sym);
      return [whole, found, values, value, { sym: l.sym, op: { kind: 'struct', fields: [found.sym, value.sym] } }];
    }
    default:
      return entriesLoop(l, index, dict, syms);
  }
}

/** `tovec` of one dictionary: the entries of the merged one, with one field of their values. */
function entriesLoop(l: Let, index: number, dict: Sym, syms: SymTab): readonly Let[] {
  const entries = makeLet({ kind: 'tovec', of: dict }, syms, l.sym);
  const vecType = syms.type(l.sym);
  const elem = vecType.kind === 'vec' ? vecType.elem : vecType;
  const builder = makeLet({ kind: 'builder', ty: appender(elem), arg: null, notes: {} }, syms, null, 'b');
  const allType = syms.type(entries.sym);
  const b = syms.fresh(appender(elem), 'b');
  const i = syms.fresh(I64, 'i');
  const e = syms.fresh(allType.kind === 'vec' ? allType.elem : allType, 'e');
  const key = makeLet({ kind: 'field', of: e, index: 0 }, syms, null, 'k');
  const values = makeLet({ kind: 'field', of: e, index: 1 }, syms, null, 'f');
  const value = makeLet({ kind: 'field', of: values.sym, index }, syms, null, 'f');
  const row = makeLet({ kind: 'struct', fields: [key.sym, value.sym] }, syms, null, 's');
  const merged = makeLet({ kind: 'merge', builder: b, value: row.sym }, syms, null, 'b');
  const body: Block = { params: [b, i, e], lets: [key, values, value, row, merged], result: merged.sym };
  const op: OpOf<'for'> = {
    kind: 'for',
    iters: [{ kind: 'scan', vec: entries.sym }],
    builder: builder.sym,
    body,
    notes: {},
  };
  const loop = makeLet(op, syms, null, 'b');
  return [entries, builder, loop, { sym: l.sym, op: { kind: 'result', builder: loop.sym } }];
}

/** In a loop over the entries of a dictionary, `lookup` of the entry's key is the entry's value. */
function ownEntries(b: Block, cx: Context): Block {
  const entriesOf = new Map<Sym, Atom>();
  for (const { sym, op } of b.lets) if (op.kind === 'tovec') entriesOf.set(sym, op.of);
  if (entriesOf.size === 0) return b;
  let changed = false;
  const lets = b.lets.map((l): Let => {
    if (l.op.kind !== 'for') return l;
    let { body } = l.op;
    for (const [k, it] of l.op.iters.entries()) {
      const dict = it.kind === 'scan' && isSym(it.vec) ? entriesOf.get(it.vec) : undefined;
      const elem = body.params[k + 2];
      if (dict !== undefined && elem !== undefined) body = ownEntry(body, dict, elem, cx);
    }
    if (body === l.op.body) return l;
    changed = true;
    return { sym: l.sym, op: { ...l.op, body } };
  });
  return changed ? { params: b.params, lets, result: b.result } : b;
}

function ownEntry(body: Block, dict: Atom, elem: Sym, cx: Context): Block {
  const keys = new Set<Atom>();
  forEachLet(body, ({ sym, op }) => {
    if (op.kind === 'field' && op.of === elem && op.index === 0) keys.add(sym);
  });
  const visit = (b: Block): Block => {
    let changed = false;
    const lets = b.lets.map((l): Let => {
      if (l.op.kind === 'lookup' && l.op.of === dict && keys.has(l.op.index) && cx.enabled('own-entry')) {
        changed = true;
        cx.fired('own-entry');
        return { sym: l.sym, op: { kind: 'field', of: elem, index: 1 } };
      }
      const op = mapBlocks(l.op, visit);
      changed ||= op !== l.op;
      return op === l.op ? l : { sym: l.sym, op };
    });
    return changed ? { params: b.params, lets, result: b.result } : b;
  };
  return visit(body);
}
