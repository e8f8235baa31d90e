/**
 * Seeded columns of TPC-H's lineitem, orders and customer with the distributions of its specification (section 4.2):
 * sparse order keys, one to seven lines an order, dates that follow each other. Text columns are dictionary codes, dates
 * are days since 1970.
 */

import type { Random } from './random.ts';

/** Days since 1970. */
export const day = (text: string): number => Date.parse(`${text}T00:00Z`) / 86_400_000;

const FIRST_ORDER = day('1992-01-01');
const LAST_ORDER = day('1998-08-02');
/** What counts as today when the data is made. */
const TODAY = day('1995-06-17');

/** Codes of return flags and line statuses, in the order of their letters. */
export const FLAG = { A: 0, N: 1, R: 2 } as const;
export const STATUS = { F: 0, O: 1 } as const;
/** Codes of ship modes: AIR, FOB, MAIL, RAIL, REG AIR, SHIP, TRUCK. */
export const MODE = { mail: 2, ship: 5, count: 7 } as const;
/** Codes of order priorities; 0 is 1-URGENT, 1 is 2-HIGH. */
const PRIORITIES = 5;
/** Codes of market segments; 1 is BUILDING. */
export const SEGMENT = { building: 1, count: 5 } as const;

export interface Orders {
  readonly key: Int32Array;
  readonly customer: Int32Array;
  readonly date: Int32Array;
  readonly priority: Int8Array;
}

/** The first 8 keys of every 32 are used. */
const orderKey = (i: number): number => 32 * Math.floor(i / 8) + (i % 8) + 1;

/** Orders of `customers` customers, every third of whom never orders. */
export function ordersOf(rows: number, customers: number, random: Random): Orders {
  const customer = (): number => {
    const c = random.whole(1, customers);
    return c % 3 === 0 ? c - 1 : c;
  };
  return {
    key: Int32Array.from({ length: rows }, (_, i) => orderKey(i)),
    customer: Int32Array.from({ length: rows }, customer),
    date: Int32Array.from({ length: rows }, () => random.whole(FIRST_ORDER, LAST_ORDER)),
    priority: Int8Array.from({ length: rows }, () => random.whole(0, PRIORITIES - 1)),
  };
}

export interface Lines {
  readonly order: Int32Array;
  readonly quantity: Float64Array;
  readonly price: Float64Array;
  readonly discount: Float64Array;
  readonly tax: Float64Array;
  readonly flag: Int8Array;
  readonly status: Int8Array;
  readonly shipped: Int32Array;
  readonly committed: Int32Array;
  readonly received: Int32Array;
  readonly mode: Int8Array;
}

/** `rows` lines of the orders, in their order; all orders together have about four lines each. */
export function linesOf(rows: number, orders: Orders, random: Random): Lines {
  const lines: Lines = {
    order: new Int32Array(rows),
    quantity: new Float64Array(rows),
    price: new Float64Array(rows),
    discount: new Float64Array(rows),
    tax: new Float64Array(rows),
    flag: new Int8Array(rows),
    status: new Int8Array(rows),
    shipped: new Int32Array(rows),
    committed: new Int32Array(rows),
    received: new Int32Array(rows),
    mode: new Int8Array(rows),
  };
  let [order, left] = [-1, 0];
  for (let i = 0; i < rows; i++) {
    // The last order takes what is over.
    if (left === 0 && order < orders.key.length - 1) {
      order++;
      left = random.whole(1, 7);
    }
    left = Math.max(0, left - 1);
    const ordered = orders.date[order] ?? FIRST_ORDER;
    const shipped = ordered + random.whole(1, 121);
    const received = shipped + random.whole(1, 30);
    const quantity = random.whole(1, 50);
    lines.order[i] = orders.key[order] ?? 0;
    lines.quantity[i] = quantity;
    lines.price[i] = (quantity * random.whole(90_000, 209_900)) / 100;
    lines.discount[i] = random.whole(0, 10) / 100;
    lines.tax[i] = random.whole(0, 8) / 100;
    lines.flag[i] = received > TODAY ? FLAG.N : random.chance(0.5) ? FLAG.R : FLAG.A;
    lines.status[i] = shipped > TODAY ? STATUS.O : STATUS.F;
    lines.shipped[i] = shipped;
    lines.committed[i] = ordered + random.whole(30, 90);
    lines.received[i] = received;
    lines.mode[i] = random.whole(0, MODE.count - 1);
  }
  return lines;
}

/** Orders and their lines, in the proportions of TPC-H. */
export function ordersAndLines(rows: number, random: Random): { readonly orders: Orders; readonly lines: Lines } {
  const orders = ordersOf(Math.max(1, Math.floor(rows / 4)), customersOf(rows), random);
  return { orders, lines: linesOf(rows, orders, random) };
}

/** How many customers there are for so many lines. */
export const customersOf = (rows: number): number => Math.max(3, Math.floor(rows / 40));
