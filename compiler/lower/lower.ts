/**
 * Core -> Plan + Kernels. The lets of the program's block become host steps in order; every loop becomes a launch
 * (`loop.ts`). Scalars outside loops are computed on the host with Core's own scalar semantics.
 *
 * Precondition: a verified program. A loop or a sort with something in it that has no generated code is interpreted on the
 * host (`interpret.ts`); for a GPU it is a W5001 that names the construct.
 */

import { idleValues } from '../analysis/idle-values.ts';
import type { Atom, Block, Let, OpOf } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { resultType } from '../core/program.ts';
import { isScalar, type Type, typeText } from '../core/types.ts';
import { heldType } from '../core/typing.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { HostAtom, HostReg, Plan, PlanBlock, Step } from '../sir/plan.ts';
import { addFrees } from './free.ts';
import { HostScope, type HostVal, type PlanState } from './host.ts';
import { freshBuilder, mergeOnHost, reopen, settle } from './host-builder.ts';
import { codeOrInterpreter } from './interpret.ts';
import { type LowerOptions, lowerLoop } from './loop.ts';
import { withoutIdleSlots } from './slots.ts';
import { lowerSort } from './sort.ts';

/** Lowers a program. For a GPU, throws W5001 for what generated code does not support. */
export function lower(p: Program, options: LowerOptions): Plan {
  const state: PlanState = {
    nextReg: 0,
    kernels: [],
    aheadKernels: [],
    decisions: [],
    dense: new Set(),
    idle: idleValues(p.body),
    nearKeys: options.nearKeys ?? options.target === 'wasm',
    names: new Set(),
  };
  const host = new HostScope(state);
  const params = p.body.params.map((s) => {
    const reg = host.reg();
    const ty = p.syms.type(s);
    const held = heldType(ty);
    host.bind(s, reopen({ h: 'atom', atom: { reg } }, ty, host));
    return { reg, ty: held };
  });
  const { body, kernels } = withoutIdleSlots(lowerHostBlock(p.body, p.syms, host, options), [
    ...state.kernels,
    ...state.aheadKernels,
  ]);
  return { params, body: addFrees(body), resultType: heldType(resultType(p)), kernels, decisions: state.decisions };
}

/** The block's steps; builders in its value are settled. */
function lowerHostBlock(b: Block, syms: SymTab, host: HostScope, o: LowerOptions): PlanBlock {
  for (const l of b.lets) host.bind(l.sym, lowerHostLet(l, syms, host, o));
  const origin = isSym(b.result) ? syms.origin(b.result) : null;
  return { result: host.atomOf(settle(host.valueOf(b.result), host, origin)), steps: host.steps };
}

function lowerHostLet(l: Let, syms: SymTab, host: HostScope, o: LowerOptions): HostVal {
  const loops = l.op.kind === 'for' || l.op.kind === 'sort';
  if (!loops || o.target === 'wgsl') return lowerHostOp(l, syms, host, o);
  return codeOrInterpreter(l, syms, host, () => lowerHostOp(l, syms, host, o));
}

function lowerHostOp(l: Let, syms: SymTab, host: HostScope, o: LowerOptions): HostVal {
  const { op } = l;
  const origin = syms.origin(l.sym);
  const ty = syms.type(l.sym);
  const val = (a: Atom): HostVal => host.valueOf(a);
  const at = (a: Atom): HostAtom => host.atomOf(val(a));
  const dst = host.reg();
  const step = (s: Step): HostVal => {
    host.push(s, origin);
    return { h: 'atom', atom: { reg: dst } };
  };
  switch (op.kind) {
    case 'bin':
      return step({ step: 'bin', dst, op: op.op, a: at(op.a), b: at(op.b), ty: syms.typeOf(op.a) });
    case 'un':
      return step({ step: 'un', dst, op: op.op, a: at(op.a), ty: scalarType(ty) });
    case 'cast':
      return step({ step: 'cast', dst, a: at(op.a), from: scalarType(syms.typeOf(op.a)), to: op.to });
    case 'select':
      return step({ step: 'select', dst, cond: at(op.cond), a: at(op.a), b: at(op.b) });
    case 'if': {
      const cond = at(op.cond);
      const branch = (b: Block): PlanBlock => lowerHostBlock(b, syms, new HostScope(host.state, host), o);
      return reopen(step({ step: 'branch', dst, cond, then: branch(op.then), else: branch(op.else) }), ty, host);
    }
    case 'iterate':
      return reopen(step(iterateStep(op, dst, syms, host, o, origin)), ty, host);
    case 'struct':
      return { h: 'struct', fields: op.fields.map(val) };
    case 'field':
      return host.fieldOf(val(op.of), op.index, syms.typeOf(op.of));
    case 'vec':
      return step({ step: 'vec', dst, elem: op.elem, items: op.items.map(at) });
    case 'len':
      return step({ step: 'len', dst, of: at(op.of) });
    case 'lookup':
      return step({ step: 'lookup', dst, of: at(op.of), index: at(op.index) });
    case 'optlookup':
      return step({ step: 'optlookup', dst, of: at(op.of), key: at(op.key) });
    case 'keyexists':
      return step({ step: 'keyexists', dst, of: at(op.of), key: at(op.key) });
    case 'slice':
      return step({ step: 'slice', dst, of: at(op.of), start: at(op.start), size: at(op.size) });
    case 'tovec':
      return step({ step: 'tovec', dst, of: at(op.of) });
    case 'sort': {
      const of = at(op.of);
      const limit = op.limit === null ? null : at(op.limit);
      return step({ step: 'sort', dst, of, by: lowerSort(op, of, syms, host, o.target, o.finish, origin), limit });
    }
    case 'assert':
      return step({ step: 'assert', dst, cond: at(op.cond) });
    case 'serialize':
      return step({ step: 'serialize', dst, of: at(op.of), ty: syms.typeOf(op.of) });
    case 'deserialize':
      return step({ step: 'deserialize', dst, of: at(op.of), ty: op.ty });
    case 'builder':
      return freshBuilder(op, op.arg === null ? null : at(op.arg));
    case 'merge':
      return mergeOnHost(val(op.builder), at(op.value), host, origin);
    case 'result':
      return settle(val(op.builder), host, origin);
    case 'for':
      return lowerLoop(l.sym, op, syms, host, o, origin);
    case 'cudf':
      return step({ step: 'prim', dst, name: op.name, args: op.args.map(at), ty: op.ty });
    default:
      return op satisfies never;
  }
}

function iterateStep(
  op: OpOf<'iterate'>,
  dst: HostReg,
  syms: SymTab,
  host: HostScope,
  o: LowerOptions,
  origin: Origin | null,
): Step {
  const init = host.atomOf(settle(host.valueOf(op.init), host, origin));
  const inner = new HostScope(host.state, host);
  const param = host.reg();
  const [x] = op.body.params;
  if (x === undefined) throw new InternalError('lower: an iteration without parameter');
  inner.bind(x, reopen({ h: 'atom', atom: { reg: param } }, syms.type(x), inner));
  return { step: 'iterate', dst, init, param, body: lowerHostBlock(op.body, syms, inner, o) };
}

function scalarType(t: Type): Extract<Type, { kind: 'scalar' }> {
  if (!isScalar(t)) throw new InternalError(`lower: ${typeText(t)} is no scalar`);
  return t;
}
