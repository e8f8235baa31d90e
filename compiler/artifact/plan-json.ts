/**
 * A plan as JSON and back. A plan is plain data, so one walk does for all of its steps; what JSON does not have is
 * written as an object with one key that begins with `$`:
 *
 *     {"$big": "-9223372036854775808"}    an i64 or u64
 *     {"$float": "-0"}                    -0, NaN and the infinities
 *     {"$type": "dictmerger", ...}        a type, whose parts are types again; interned when it is read
 *     {"$program": [..], "body": ..}      a program that the interpreter runs: the types of its symbols, its block
 *
 * The bodies of kernels are left out: their code is in the module. A kernel that is read has an empty body.
 *
 * Reading trusts that the text was written here (the artifact's hash says so) and still fails on what is no plan.
 */

import type { Block, Sym } from '../core/op.ts';
import { type Program, SymTab } from '../core/program.ts';
import * as types from '../core/types.ts';
import { isScalar, type MergeOp, type ScalarKind, type Type } from '../core/types.ts';
import { fail, InternalError, type Origin } from '../diag/diagnostic.ts';
import type { Kernel } from '../sir/kernel.ts';
import type { Plan } from '../sir/plan.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function encodePlan(plan: Plan): string {
  const { params, body, resultType } = plan;
  return JSON.stringify(encode({ params, body, resultType }));
}

/** W7001 for a text that is no plan. */
export function decodePlan(text: string): Plan {
  let value: unknown;
  try {
    value = decode(JSON.parse(text) as Json);
  } catch (e) {
    if (!(e instanceof SyntaxError)) throw e;
    return fail('W7001', `the plan of the artifact is not JSON: ${e.message}`, { help: 'build the artifact again' });
  }
  const plan = value as Partial<Plan> | null;
  if (
    typeof plan !== 'object' ||
    plan?.params === undefined ||
    plan.body === undefined ||
    plan.resultType === undefined
  ) {
    return fail('W7001', 'the plan of the artifact has no parameters, steps or result type', {
      help: 'build the artifact again',
    });
  }
  return { params: plan.params, body: plan.body, resultType: plan.resultType, kernels: [], decisions: [] };
}

function encode(x: unknown): Json {
  if (x === null || typeof x === 'string' || typeof x === 'boolean') return x;
  if (typeof x === 'bigint') return { $big: String(x) };
  if (typeof x === 'number') {
    const plain = Number.isFinite(x) && !Object.is(x, -0);
    return plain ? x : { $float: Object.is(x, -0) ? '-0' : String(x) };
  }
  if (Array.isArray(x)) return x.map(encode);
  if (typeof x !== 'object') throw new InternalError(`artifact: a plan with a value of type ${typeof x}`);
  if (isType(x)) return encodeType(x);
  if (isProgram(x)) return encodeProgram(x);
  const plain = isKernel(x) ? signatureOf(x) : x;
  const entries = Object.entries(plain).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.map(([k, v]) => [k, encode(v)]));
}

function decode(x: Json): unknown {
  if (x === null || typeof x !== 'object') return x;
  if (Array.isArray(x)) return x.map(decode);
  const o = x as { readonly [key: string]: Json };
  if (typeof o['$big'] === 'string') return BigInt(o['$big']);
  if (typeof o['$float'] === 'string') return o['$float'] === '-0' ? -0 : Number(o['$float']);
  if (typeof o['$type'] === 'string') return decodeType(o);
  if (o['$program'] !== undefined) return decodeProgram(o);
  return Object.fromEntries(Object.entries(o).map(([k, v]) => [k, decode(v)]));
}

/** Types are told from everything else by being interned, which the number shows. */
const TYPE_KINDS: ReadonlySet<unknown> = new Set<Type['kind']>([
  'scalar',
  'vec',
  'dict',
  'struct',
  'appender',
  'merger',
  'vecmerger',
  'dictmerger',
  'groupmerger',
]);
const isType = (x: object): x is Type => 'kind' in x && 'id' in x && TYPE_KINDS.has(x.kind);

function encodeType(t: Type): Json {
  const { kind, id: _, ...parts } = t;
  return { $type: kind, ...(isScalar(t) ? { scalar: t.scalar } : (encode(parts) as object)) };
}

function decodeType(o: { readonly [key: string]: Json }): Type {
  const part = (name: string): Type => decode(o[name] ?? null) as Type;
  const op = o['op'] as MergeOp;
  switch (o['$type']) {
    case 'scalar':
      return types.scalar(o['scalar'] as ScalarKind);
    case 'vec':
      return types.vec(part('elem'));
    case 'dict':
      return types.dict(part('key'), part('value'));
    case 'struct':
      return types.struct((o['fields'] as readonly Json[]).map((f) => decode(f) as Type));
    case 'appender':
      return types.appender(part('elem'));
    case 'merger':
      return types.merger(part('elem'), op);
    case 'vecmerger':
      return types.vecmerger(part('elem'), op);
    case 'dictmerger':
      return types.dictmerger(part('key'), part('value'), op);
    case 'groupmerger':
      return types.groupmerger(part('key'), part('value'));
    default:
      return fail('W7001', `the plan of the artifact has a type of kind ${String(o['$type'])}`, {
        help: 'build the artifact again',
      });
  }
}

const isProgram = (x: object): x is Program => 'syms' in x && x.syms instanceof SymTab;

function encodeProgram({ syms, body }: Program): Json {
  const symbols = Array.from({ length: syms.size }, (_, s) => [syms.type(s as Sym), syms.origin(s as Sym)]);
  return { $program: encode(symbols), body: encode(body) };
}

function decodeProgram(o: { readonly [key: string]: Json }): Program {
  const syms = new SymTab();
  for (const [ty, origin] of decode(o['$program'] ?? []) as readonly (readonly [Type, Origin | null])[]) {
    syms.fresh(ty, 't', origin);
  }
  return { syms, body: decode(o['body'] ?? null) as Block };
}

const isKernel = (x: object): x is Kernel => 'reductions' in x && 'cursors' in x && 'body' in x;
function signatureOf(k: Kernel): Kernel {
  return { ...k, body: [], wide: null };
}
