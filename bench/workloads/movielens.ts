/** MovieLens: a star join by two dictionaries, seven group-bys of one column, a join of the groups. */

import type { Leaf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const movieLens: Workload = {
  name: 'movielens',
  about: 'ratings by sex of films with many ratings (Pandas)',
  unit: 'ratings',
  rows: 500_000,
  handFused: { loops: 4, why: 'one each to index users and films, one over the ratings, one over the groups' },
  make,
};

const FILMS = 3_900;
const RATINGS_A_USER = 166;

function make(rows: number, random: Random): Instance {
  const people = Math.max(1, Math.ceil(rows / RATINGS_A_USER));
  const users = Int32Array.from({ length: people }, (_, i) => i + 1);
  const sexes = Int8Array.from({ length: people }, () => (random.chance(0.28) ? 0 : 1));
  // Titles are in another order than films, and a few films have one title.
  const films = Int32Array.from({ length: FILMS }, (_, i) => i + 1);
  const titles = Int32Array.from({ length: FILMS }, (_, i) => Math.min(FILMS - 20, (i * 7) % FILMS));
  const ratingUser = Int32Array.from({ length: rows }, () => random.whole(1, people));
  const ratingFilm = Int32Array.from({ length: rows }, () => 1 + random.zipf(FILMS));
  const rating = Float64Array.from({ length: rows }, () =>
    Math.min(5, Math.max(1, Math.round(random.normal(3.6, 1.1)))),
  );
  const least = Math.max(2, Math.floor(rows / 4_000));
  const data: Data = { users, sexes, films, titles, ratingUser, ratingFilm, rating, least };
  return {
    inputs: [users, sexes, films, titles, ratingUser, ratingFilm, rating, least],
    js: () => fused(data),
    // Sums of whole numbers are exact in every order.
    near: ['exact', 'exact', 'exact', 'exact', 'exact'],
  };
}

interface Data {
  readonly users: Int32Array;
  readonly sexes: Int8Array;
  readonly films: Int32Array;
  readonly titles: Int32Array;
  readonly ratingUser: Int32Array;
  readonly ratingFilm: Int32Array;
  readonly rating: Float64Array;
  readonly least: number;
}

function fused(d: Data): readonly Leaf[] {
  const sexOf = new Map<number, number>();
  for (let i = 0; i < d.users.length; i++) sexOf.set(d.users[i] as number, d.sexes[i] as number);
  const titleOf = new Map<number, number>();
  for (let i = 0; i < d.films.length; i++) titleOf.set(d.films[i] as number, d.titles[i] as number);

  const groups = new Map<number, { count: [number, number]; sum: [number, number]; squares: number }>();
  for (let i = 0; i < d.rating.length; i++) {
    const sex = sexOf.get(d.ratingUser[i] as number) === 0 ? 0 : 1;
    const title = titleOf.get(d.ratingFilm[i] as number) ?? -1;
    const r = d.rating[i] as number;
    let group = groups.get(title);
    if (group === undefined) {
      group = { count: [0, 0], sum: [0, 0], squares: 0 };
      groups.set(title, group);
    }
    group.count[sex]++;
    group.sum[sex] += r;
    group.squares += r * r;
  }

  const [title, women, men, gap, deviation]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
  for (const [t, { count, sum, squares }] of groups) {
    const n = count[0] + count[1];
    if (n < d.least) continue;
    const s = sum[0] + sum[1];
    const [w, m] = [sum[0] / count[0], sum[1] / count[1]];
    title.push(t);
    women.push(w);
    men.push(m);
    gap.push(m - w);
    deviation.push(Math.sqrt((squares - (s * s) / n) / (n - 1)));
  }
  return [title, women, men, gap, deviation];
}
