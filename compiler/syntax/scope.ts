/**
 * Names in scope, as a chain: an inner scope shadows the outer one, and making one costs nothing.
 */

export class Scope<T> {
  readonly #names = new Map<string, T>();
  readonly #outer: Scope<T> | null;
  constructor(outer: Scope<T> | null = null) {
    this.#outer = outer;
  }
  bind(name: string, value: T): void {
    this.#names.set(name, value);
  }
  find(name: string): T | undefined {
    for (let s: Scope<T> | null = this; s !== null; s = s.#outer) {
      const found = s.#names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  /** Every name that can be read here, innermost first. */
  names(): readonly string[] {
    const all = new Set<string>();
    for (let s: Scope<T> | null = this; s !== null; s = s.#outer) for (const name of s.#names.keys()) all.add(name);
    return [...all];
  }
}
