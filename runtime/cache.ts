/**
 * A bounded cache that forgets what was used longest ago. Values are promises, so that two requests for one key at
 * the same time share the work; a promise that fails is not kept.
 */

export class LruCache<V> {
  readonly #entries = new Map<string, Promise<V>>();
  readonly #limit: number;
  readonly #onEvict: (value: V) => void;

  /** `onEvict` is called with a value that is forgotten. */
  constructor(limit: number, onEvict: (value: V) => void) {
    this.#limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of `key`, made by `make` the first time. */
  get(key: string, make: () => Promise<V>): Promise<V> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      // A Map iterates in order of insertion: putting the entry in again makes it the youngest.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made = make();
    this.#entries.set(key, made);
    made.catch(() => {
      if (this.#entries.get(key) === made) this.#entries.delete(key);
    });
    this.#trim();
    return made;
  }

  clear(): void {
    for (const value of this.#entries.values()) value.then(this.#onEvict, () => {});
    this.#entries.clear();
  }

  #trim(): void {
    for (const [key, value] of this.#entries) {
      if (this.#entries.size <= this.#limit) return;
      this.#entries.delete(key);
      value.then(this.#onEvict, () => {});
    }
  }
}
