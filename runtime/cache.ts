/**
 * A bounded cache that forgets what was used longest ago. Values are made by promises, so that two requests for one key at
 * the same time share the work; a promise that fails is not kept.
 */

interface Entry<V> {
  readonly made: Promise<V>;
  /** The value, once it is there. */
  value?: V;
}

export class LruCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #limit: number;
  readonly #onEvict: (value: V) => void;
  /** The key that was used last. */
  #newest: string | null = null;

  /** `onEvict` is called with a value that is forgotten. */
  constructor(limit: number, onEvict: (value: V) => void) {
    this.#limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of `key`, if it is there already. */
  ready(key: string): V | undefined {
    return this.#use(key)?.value;
  }
  /** The value of `key`, made by `make` the first time. */
  get(key: string, make: () => Promise<V>): Promise<V> {
    const known = this.#use(key);
    if (known !== undefined) return known.made;
    const made = make();
    const entry: Entry<V> = { made };
    this.#entries.set(key, entry);
    this.#newest = key;
    made.then(
      (value) => {
        entry.value = value;
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    this.#trim();
    return made;
  }

  clear(): void {
    for (const { made } of this.#entries.values()) made.then(this.#onEvict, () => {});
    this.#entries.clear();
  }

  #use(key: string): Entry<V> | undefined {
    const known = this.#entries.get(key);
    if (known === undefined || key === this.#newest) return known;
    // A Map iterates in order of insertion: putting the entry in again makes it the youngest.
    this.#entries.delete(key);
    this.#entries.set(key, known);
    this.#newest = key;
    return known;
  }
  #trim(): void {
    for (const [key, { made }] of this.#entries) {
      if (this.#entries.size <= this.#limit) return;
      this.#entries.delete(key);
      made.then(this.#onEvict, () => {});
    }
  }
}
