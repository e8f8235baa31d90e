/**
 * How lazy values look when they are printed by mistake: what they are, not what they are made of. Node's console asks
 * a method under this symbol; elsewhere `String(value)` is used.
 */

export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;
