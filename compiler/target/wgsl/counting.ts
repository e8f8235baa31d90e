/**
 * The body of a compacting kernel without its effects: what is needed to know how many rows it pushes.
 *
 *     load %x = a[row]                       load %x = a[row]
 *     store b[row] = (%x * 2)         =>     if (%x > 0) { push 0 }
 *     if (%x > 0) { push 0: c = %x }
 *
 * It runs before the body proper, so that every push knows its place. `fail` stays: a row that stops early must stop
 * in both. What only the dropped effects needed goes too, along with branches that are then empty.
 */

import type { Reg, SExpr } from '../../sir/kernel.ts';
import { operands } from '../../sir/shape.ts';
import type { GpuStmt } from './sharing.ts';

/** The statements of `body` that decide on pushes and failures. Pushes lose their values. */
export function countingBody(body: readonly GpuStmt[]): readonly GpuStmt[] {
  const kept = withoutEffects(body);
  const needed = neededRegs(kept);
  return withoutUnread(kept, needed);
}

function withoutEffects(body: readonly GpuStmt[]): readonly GpuStmt[] {
  return body.flatMap((s): readonly GpuStmt[] => {
    switch (s.s) {
      case 'store':
      case 'accum':
      case 'merge':
        return [];
      case 'push':
        return [{ ...s, stores: [] }];
      case 'if': {
        const branches = { then: withoutEffects(s.then), else: withoutEffects(s.else) };
        return branches.then.length + branches.else.length === 0 ? [] : [{ ...s, ...branches }];
      }
      case 'while':
        return [{ ...s, body: withoutEffects(s.body) }];
      case 'let':
      case 'var':
      case 'set':
      case 'load':
      case 'fail':
        return [s];
      default:
        return s satisfies never;
    }
  });
}

/** Registers that conditions depend on, through any number of definitions. */
function neededRegs(body: readonly GpuStmt[]): ReadonlySet<Reg> {
  const sources = new Map<Reg, SExpr[]>();
  const todo: SExpr[] = [];
  const visit = (block: readonly GpuStmt[]): void => {
    for (const s of block) {
      if (s.s === 'let' || s.s === 'var' || s.s === 'set') addTo(sources, s.reg, s.e);
      else if (s.s === 'load') addTo(sources, s.reg, s.index);
      else if (s.s === 'fail') todo.push(s.when);
      else if (s.s === 'if' || s.s === 'while') {
        todo.push(s.cond);
        for (const inner of s.s === 'if' ? [s.then, s.else] : [s.body]) visit(inner);
      }
    }
  };
  visit(body);
  const needed = new Set<Reg>();
  for (let e = todo.pop(); e !== undefined; e = todo.pop()) {
    todo.push(...operands(e));
    if (e.x !== 'get' || needed.has(e.reg)) continue;
    needed.add(e.reg);
    todo.push(...(sources.get(e.reg) ?? []));
  }
  return needed;
}

function addTo(map: Map<Reg, SExpr[]>, reg: Reg, e: SExpr): void {
  const list = map.get(reg);
  if (list === undefined) map.set(reg, [e]);
  else list.push(e);
}

function withoutUnread(body: readonly GpuStmt[], needed: ReadonlySet<Reg>): readonly GpuStmt[] {
  return body.flatMap((s): readonly GpuStmt[] => {
    if (s.s === 'let' || s.s === 'var' || s.s === 'set' || s.s === 'load') return needed.has(s.reg) ? [s] : [];
    if (s.s === 'if') {
      const branches = { then: withoutUnread(s.then, needed), else: withoutUnread(s.else, needed) };
      return branches.then.length + branches.else.length === 0 ? [] : [{ ...s, ...branches }];
    }
    return s.s === 'while' ? [{ ...s, body: withoutUnread(s.body, needed) }] : [s];
  });
}
