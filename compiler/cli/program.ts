/** What commands ask of a program before it runs: that it can, its type, its arguments. */

import type { IValue } from '../core/ivalue.ts';
import { decodeJson, type Json } from '../core/json.ts';
import { isSym } from '../core/op.ts';
import { type Program, paramTypes, resultType } from '../core/program.ts';
import { isLinear, type Type, typeText } from '../core/types.ts';
import { fail } from '../diag/diagnostic.ts';

/** A program that can be run: no unfinished builder crosses its border, which has no text and no columns. */
export function runnable(p: Program): Program {
  const type = resultType(p);
  if (isLinear(type)) {
    const { result } = p.body;
    fail('W3002', `the value of the program is an unfinished builder, ${typeText(type)}`, {
      origin: isSym(result) ? p.syms.origin(result) : null,
      help: 'finish it with result(..)',
    });
  }
  for (const s of p.body.params) {
    const ty = p.syms.type(s);
    if (isLinear(ty)) {
      fail('W3002', `parameter ${p.syms.hint(s)} is a builder, ${typeText(ty)}, which no caller can give`, {
        origin: p.syms.origin(s),
        help: 'make the builder in the program, with the parameter as its initial value',
      });
    }
  }
  return p;
}

/** The type of the function that a program is: `|T1,T2|(R)`. */
export const programType = (p: Program): string =>
  `|${paramTypes(p).map(typeText).join(',')}|(${typeText(resultType(p))})`;

/** Arguments are plain JSON by the parameter's type, or `{"type", "value"}` objects, as `--json` prints values. */
export function decodeArgs(p: Program, args: readonly Json[]): readonly IValue[] {
  const { params } = p.body;
  if (args.length !== params.length) {
    const wanted = params.length === 1 ? '1 argument' : `${params.length} arguments`;
    const types = params.map((s) => `<${p.syms.hint(s)}: ${typeText(p.syms.type(s))}>`);
    fail('W8006', `the program takes ${wanted}, found ${args.length}`, {
      help: params.length === 0 ? 'leave --args out' : `give --args '[${types.join(', ')}]', a JSON array`,
    });
  }
  return params.map((s, k) => decodeArg(p.syms.type(s), args[k] ?? null, `argument ${p.syms.hint(s)}`));
}

function decodeArg(t: Type, arg: Json, name: string): IValue {
  if (!isTyped(arg)) return decodeJson(t, arg, name);
  if (arg['type'] !== typeText(t)) {
    fail('W8006', `${name} must be ${typeText(t)}, found the type ${JSON.stringify(arg['type'])}`);
  }
  return decodeJson(t, arg['value'] ?? null, name);
}

function isTyped(x: Json): x is { readonly [key: string]: Json } {
  return typeof x === 'object' && x !== null && !Array.isArray(x) && 'type' in x && 'value' in x;
}
