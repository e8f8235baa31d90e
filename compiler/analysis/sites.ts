/**
 * Where a loop body merges into each of its builders: the operations, for passes that ask what is merged.
 *
 * The leaves of a struct of builders are named as in `merges.ts`: by the path of field numbers, `''` for one builder.
 * A builder is followed through merges, branches, inner loops, `iterate`, structs and fields.
 *
 * Precondition: the program is linear (`core/linear.ts`).
 */

import type { Atom, Block, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isBuilder, isLinear, type Type } from '../core/types.ts';

export type Merge = OpOf<'merge'>;

/** The name of a builder, or of each field of a struct; null for what is no builder. */
type Names = string | readonly Names[] | null;

/** The merges into every builder of the body's first param, in the order of the text. */
export function mergeSitesOf(body: Block, syms: SymTab): ReadonlyMap<string, readonly Merge[]> {
  const sites = new Map<string, Merge[]>();
  const [b] = body.params;
  if (b === undefined) return sites;
  const names = namesOf(syms.type(b), '');
  open(names, sites);
  walk(body, new Map([[b, names]]), sites, syms);
  return sites;
}

function namesOf(t: Type, path: string): Names {
  if (isBuilder(t)) return path;
  if (t.kind !== 'struct' || !isLinear(t)) return null;
  return t.fields.map((f, k) => namesOf(f, path === '' ? `${k}` : `${path}.${k}`));
}

function open(names: Names, sites: Map<string, Merge[]>): void {
  if (typeof names === 'string') sites.set(names, []);
  else if (names !== null) for (const n of names) open(n, sites);
}

/** Notes the merges of a block and gives the names of its result. */
function walk(block: Block, env: Map<Sym, Names>, sites: ReadonlyMap<string, Merge[]>, syms: SymTab): Names {
  const at = (a: Atom): Names => (isSym(a) ? (env.get(a) ?? null) : null);
  for (const { sym, op } of block.lets) {
    if (!isLinear(syms.type(sym))) continue;
    switch (op.kind) {
      case 'merge': {
        const name = at(op.builder);
        if (typeof name === 'string') sites.get(name)?.push(op);
        env.set(sym, name);
        break;
      }
      case 'field': {
        const of = at(op.of);
        env.set(sym, typeof of === 'object' ? (of?.[op.index] ?? null) : null);
        break;
      }
      case 'struct':
        env.set(sym, op.fields.map(at));
        break;
      case 'if': {
        const names = walk(op.then, env, sites, syms);
        walk(op.else, env, sites, syms);
        env.set(sym, names);
        break;
      }
      case 'for':
      case 'iterate': {
        // What comes out are the builders that went in, each in its own place.
        const names = at(op.kind === 'for' ? op.builder : op.init);
        const [inner] = op.body.params;
        if (inner !== undefined) env.set(inner, names);
        walk(op.body, env, sites, syms);
        env.set(sym, names);
        break;
      }
      default:
    }
  }
  return at(block.result);
}
