/**
 * Core -> Plan + Kernels. The lets of the program's block become host steps in order; every loop becomes a launch
 * (`loop.ts`). Scalars outside loops are computed on the host with Core's own scalar semantics.
 *
 * Precondition: a verified program. What has no form in generated code is a W5001 that names the construct.
 */

import type { Atom, Block, Let } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { resultType } from '../core/program.ts';
import { isBuilder, isLinear, isScalar, type Type, typeText } from '../core/types.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { HostAtom, Plan, PlanBlock, Step } from '../sir/plan.ts';
import { type LowerTarget, leavesOf, unsupported } from './context.ts';
import { addFrees } from './free.ts';
import { HostScope, type HostVal, type PlanState } from './host.ts';
import { type FinishKernel, lowerLoop } from './loop.ts';

export interface LowerOptions {
  readonly target: LowerTarget;
  readonly finish: FinishKernel;
}

/** Lowers a program. Throws W5001 for what generated code does not support. */
export function lower(p: Program, options: LowerOptions): Plan {
  const state: PlanState = { nextReg: 0, kernels: [], decisions: [], dense: new Set(), names: new Set() };
  const host = new HostScope(state);
  const params = p.body.params.map((s) => {
    const reg = host.reg();
    const ty = p.syms.type(s);
    if (holdsDict(ty)) unsupported('a dictionary as program argument', p.syms.origin(s));
    if (isLinear(ty)) unsupported('a builder as program argument', p.syms.origin(s));
    host.bind(s, { h: 'atom', atom: { reg } });
    return { reg, ty };
  });
  const { result } = p.body;
  if (isSym(result) && isLinear(resultType(p))) unsupported('a builder as program result', p.syms.origin(result));
  const body = lowerHostBlock(p.body, p.syms, host, options);
  const { kernels, decisions } = state;
  return { params, body: addFrees(body), resultType: resultType(p), kernels, decisions };
}

const holdsDict = (t: Type): boolean => t.kind === 'dict' || (t.kind === 'struct' && t.fields.some(holdsDict));

function lowerHostBlock(b: Block, syms: SymTab, host: HostScope, o: LowerOptions): PlanBlock {
  for (const l of b.lets) host.bind(l.sym, lowerHostLet(l, syms, host, o));
  return { result: host.atomOf(host.valueOf(b.result)), steps: host.steps };
}

function lowerHostLet(l: Let, syms: SymTab, host: HostScope, o: LowerOptions): HostVal {
  const { op } = l;
  const origin = syms.origin(l.sym);
  const ty = syms.type(l.sym);
  const val = (a: Atom): HostVal => host.valueOf(a);
  const at = (a: Atom): HostAtom => host.atomOf(val(a));
  const dst = host.reg();
  const step = (s: Step): HostVal => {
    host.steps.push({ ...s, origin });
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
      if (isLinear(ty)) return unsupported('an if between builders outside a loop', origin);
      const cond = at(op.cond);
      const branch = (b: Block): PlanBlock => lowerHostBlock(b, syms, new HostScope(host.state, host), o);
      return step({ step: 'branch', dst, cond, then: branch(op.then), else: branch(op.else) });
    }
    case 'struct':
      return { h: 'struct', fields: op.fields.map(val) };
    case 'field':
      return host.fieldOf(val(op.of), op.index, syms.typeOf(op.of));
    case 'vec':
      leavesOf(op.elem, origin);
      return step({ step: 'vec', dst, elem: op.elem, items: op.items.map(at) });
    case 'len':
      return step({ step: 'len', dst, of: at(op.of) });
    case 'lookup':
      return step({ step: 'lookup', dst, of: at(op.of), index: at(op.index) });
    case 'keyexists':
      return step({ step: 'keyexists', dst, of: at(op.of), key: at(op.key) });
    case 'slice':
      return step({ step: 'slice', dst, of: at(op.of), start: at(op.start), size: at(op.size) });
    case 'tovec':
      return step({ step: 'tovec', dst, of: at(op.of) });
    case 'builder': {
      const arg = op.arg === null ? null : at(op.arg);
      return { h: 'builder', builder: { ty: op.ty, arg, notes: op.notes, filled: null } };
    }
    case 'merge':
      return unsupported('a merge outside a loop', origin);
    case 'result':
      return filled(val(op.builder), syms.typeOf(op.builder), origin);
    case 'for':
      return lowerLoop(op, syms, host, o.target, o.finish, origin);
    case 'cudf':
      return step({ step: 'prim', dst, name: op.name, args: op.args.map(at), ty: op.ty });
    default:
      return op satisfies never;
  }
}

/** The values of builders that a loop has filled. */
function filled(v: HostVal, ty: Type, origin: Origin | null): HostVal {
  if (v.h === 'struct') {
    return { h: 'struct', fields: v.fields.map((f, k) => filled(f, fieldType(ty, k), origin)) };
  }
  if (v.h !== 'builder' || !isBuilder(ty)) throw new InternalError(`lower: result of ${typeText(ty)}`);
  const reg = v.builder.filled;
  if (reg === null) return unsupported('the result of a builder that no loop fills', origin);
  return { h: 'atom', atom: { reg } };
}

function fieldType(ty: Type, k: number): Type {
  const f = ty.kind === 'struct' ? ty.fields[k] : undefined;
  if (f === undefined) throw new InternalError(`lower: ${typeText(ty)} has no field ${k}`);
  return f;
}

function scalarType(t: Type): Extract<Type, { kind: 'scalar' }> {
  if (!isScalar(t)) throw new InternalError(`lower: ${typeText(t)} is no scalar`);
  return t;
}
