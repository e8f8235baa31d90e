/**
 * How many: a number by what is known before a loop runs, as an expression over lengths and integers around it. The
 * analysis of merges makes one of atoms, lowering one of operands of the plan, the runtime its value.
 *
 *     rangeiter(0L, n, 1L) in a loop over v that merges twice        range(0,n,1) * 2, for each element of v
 *
 * Nothing here may fail or wrap around: values are JavaScript numbers, and a range that the loop would refuse has none.
 */

export type Amount<A> =
  | { readonly amount: 'number'; readonly n: number }
  /** The length of a vector. */
  | { readonly amount: 'len'; readonly of: A }
  /** An i64, or 0 where it is below. */
  | { readonly amount: 'value'; readonly of: A }
  /** (end - start) / stride, i64. */
  | { readonly amount: 'range'; readonly start: A; readonly end: A; readonly stride: A }
  | { readonly amount: '+' | '*' | 'max'; readonly a: Amount<A>; readonly b: Amount<A> };

export const amount = (n: number): Amount<never> => ({ amount: 'number', n });

/** The sum, the product or the larger of two amounts; of two numbers a number. */
export function both<A>(op: '+' | '*' | 'max', a: Amount<A>, b: Amount<A>): Amount<A> {
  if (a.amount === 'number' && b.amount === 'number') return amount(compute(op, a.n, b.n));
  const [x, y] = b.amount === 'number' ? [b, a] : [a, b];
  if (x.amount === 'number') {
    if (op === '*' && x.n === 0) return x;
    if (x.n === (op === '*' ? 1 : 0)) return y;
  }
  return { amount: op, a, b };
}

const compute = (op: '+' | '*' | 'max', a: number, b: number): number =>
  op === '+' ? a + b : op === '*' ? a * b : Math.max(a, b);

/** The amount with its atoms replaced. */
export function mapAmount<A, B>(m: Amount<A>, f: (a: A) => B): Amount<B> {
  switch (m.amount) {
    case 'number':
      return m;
    case 'len':
    case 'value':
      return { amount: m.amount, of: f(m.of) };
    case 'range':
      return { amount: 'range', start: f(m.start), end: f(m.end), stride: f(m.stride) };
    default:
      return { amount: m.amount, a: mapAmount(m.a, f), b: mapAmount(m.b, f) };
  }
}

/** The atoms that an amount is made of. */
export function amountAtoms<A>(m: Amount<A>): readonly A[] {
  const atoms: A[] = [];
  mapAmount(m, (a) => atoms.push(a));
  return atoms;
}

/** The value of an amount; null where a range has none. */
export function amountValue<A>(m: Amount<A>, length: (a: A) => number, int: (a: A) => bigint): number | null {
  switch (m.amount) {
    case 'number':
      return m.n;
    case 'len':
      return length(m.of);
    case 'value':
      return Math.max(0, Number(int(m.of)));
    case 'range': {
      const [start, end, stride] = [int(m.start), int(m.end), int(m.stride)];
      return stride < 1n || end < start ? null : Number((end - start) / stride);
    }
    default: {
      const [a, b] = [amountValue(m.a, length, int), amountValue(m.b, length, int)];
      return a === null || b === null ? null : compute(m.amount, a, b);
    }
  }
}

/** The amount as people write it; `name` names its atoms. */
export function amountText<A>(m: Amount<A>, name: (a: A) => string): string {
  switch (m.amount) {
    case 'number':
      return String(m.n);
    case 'len':
      return `len(${name(m.of)})`;
    case 'value':
      return name(m.of);
    case 'range': {
      const [start, end, stride] = [name(m.start), name(m.end), name(m.stride)];
      const span = start === '0' ? end : `(${end} - ${start})`;
      return stride === '1' ? span : `${span} / ${stride}`;
    }
    case 'max':
      return `max(${amountText(m.a, name)}, ${amountText(m.b, name)})`;
    case '*':
    case '+': {
      const part = (x: Amount<A>): string =>
        m.amount === '*' && x.amount === '+' ? `(${amountText(x, name)})` : amountText(x, name);
      return `${part(m.a)} ${m.amount} ${part(m.b)}`;
    }
    default:
      return m satisfies never;
  }
}
