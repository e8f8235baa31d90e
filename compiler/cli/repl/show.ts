/** What the repl says about what an input defined and what it gave. */

import type { IValue } from '../../core/ivalue.ts';
import { encodeJson } from '../../core/json.ts';
import { isLinear, type Type, typeText } from '../../core/types.ts';
import type { MacroNode } from '../../text.ts';

export type Outcome =
  | { readonly kind: 'type'; readonly name: string; readonly type: Type }
  | { readonly kind: 'macro'; readonly node: MacroNode }
  /** `type` is null where it depends on the arguments; `name` where the function is not kept. */
  | { readonly kind: 'function'; readonly name: string | null; readonly type: string | null }
  /** `name` is null for an expression. */
  | { readonly kind: 'value'; readonly name: string | null; readonly type: Type; readonly value: IValue };

/** One line for people. A value is written as JSON with its type; a long one is cut. */
export function outcomeText(o: Outcome): string {
  switch (o.kind) {
    case 'type':
      return `type ${o.name} = ${typeText(o.type)}`;
    case 'macro':
      return `macro ${o.node.name}(${o.node.params.join(', ')})`;
    case 'function':
      return `${o.name ?? 'a function'}: ${o.type ?? 'of any types that fit'}`;
    case 'value': {
      const value = valueText(o.type, o.value, MOST_CHARACTERS);
      return o.name === null ? `${value}: ${typeText(o.type)}` : `${o.name}: ${typeText(o.type)} = ${value}`;
    }
    default:
      return o satisfies never;
  }
}

/** What an input defined, as plain JSON. A value that is a builder has none: it is null, and `unfinished` is true. */
export function outcomeJson(o: Outcome): object {
  switch (o.kind) {
    case 'type':
      return { kind: 'type', name: o.name, type: typeText(o.type) };
    case 'macro':
      return { kind: 'macro', name: o.node.name, params: o.node.params };
    case 'function':
      return { kind: 'function', ...(o.name === null ? {} : { name: o.name }), type: o.type };
    case 'value': {
      const name = o.name === null ? {} : { kind: 'value', name: o.name };
      if (isLinear(o.type)) return { ...name, type: typeText(o.type), value: null, unfinished: true };
      return { ...name, type: typeText(o.type), value: encodeJson(o.type, o.value) };
    }
    default:
      return o satisfies never;
  }
}

const MOST_CHARACTERS = 2000;
/** Of a vector that is longer than this only the beginning is looked at. */
const MOST_ELEMENTS = 1000;
const SHOWN_ELEMENTS = 10;

/** A value as JSON, of at most about `most` characters. */
export function valueText(t: Type, v: IValue, most: number): string {
  if (isLinear(t)) return 'unfinished';
  if (t.kind === 'vec' && Array.isArray(v) && v.length > MOST_ELEMENTS) {
    const start = JSON.stringify(encodeJson(t, v.slice(0, SHOWN_ELEMENTS))).slice(0, -1);
    return `${start.slice(0, most)}, ... ${v.length} elements]`;
  }
  const text = JSON.stringify(encodeJson(t, v));
  return text.length <= most ? text : `${text.slice(0, most)} ... (${text.length} characters)`;
}
