/**
 * Whole shaders as text, to see what is emitted: a map, a filter with a sum, a group-by into dense tables.
 */

import { expect, test } from 'vitest';
import { bin, cmp, KernelBuilder, lit } from '../../sir/build.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { emitWgsl } from './emit.ts';

function code(kernel: Kernel): string {
  const module = emitWgsl(kernel, { f64: 'refuse' });
  return module.ok ? module.code : `${module.reason}: ${module.message}`;
}

test('a map with a bool output', () => {
  const k = new KernelBuilder('axpy');
  const a = k.scalar('a', 'f32');
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  const y = k.let(bin('+', bin('*', a, x), lit('f32', 0.1)));
  k.store(k.buf('y', 'f32', 'write'), k.index, y);
  k.store(k.buf('big', 'bool', 'write'), k.index, cmp('>', y, lit('f32', 1e6)));
  expect(code(k.finish())).toMatchInlineSnapshot(`
    "struct Params {
      n: u32,
      groups: u32,
      rows_per_group: u32,
      zero: u32,
      base_x: u32,
      len_x: u32,
      base_y: u32,
      len_y: u32,
      base_big: u32,
      len_big: u32,
      s_a: f32,
    }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> b_x: array<u32>;
    @group(0) @binding(2) var<storage, read_write> b_y: array<u32>;
    @group(0) @binding(3) var<storage, read_write> b_big: array<u32>;

    // An index within [0, length).
    fn inside(k: u32, length: u32) -> u32 { return min(k, max(length, 1u) - 1u); }

    fn load_x(index: u32) -> f32 {
      let k = inside(index, params.len_x);
      return bitcast<f32>(b_x[params.base_x + k]);
    }
    fn store_y(k: u32, value: f32) {
      if (k >= params.len_y) { return; }
      b_y[params.base_y + k] = bitcast<u32>(value);
    }
    fn store_big(k: u32, value: bool) {
      if (k >= params.len_big) { return; }
      let at = params.base_big + (k >> 2u);
      let bit = 8u * (k & 3u);
      b_big[at] = insertBits(b_big[at], select(0u, 1u, value), bit, 8u);
    }

    fn each_row(row: i32) {
      let v2 = load_x(u32(row));
      let v3 = (params.s_a * v2) + 0.10000000149011612f;
      store_y(u32(row), v3);
      store_big(u32(row), v3 > 1000000.0f);
    }

    @compute @workgroup_size(64)
    fn axpy(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      for (var run = (group.x * 64u + lid) * 4u; run < params.n; run += params.groups * 256u) {
        for (var row = run; row < min(run + 4u, params.n); row++) {
          each_row(i32(row));
        }
      }
    }
    "
  `);
});

test('a filter that keeps rows in order, sums them and fails on a zero', () => {
  const k = new KernelBuilder('keep');
  const x = k.load(k.buf('x', 'i32', 'read'), k.index);
  const half = k.let(bin('/', lit('i32', 1000), x));
  const out = k.buf('out', 'i32', 'write');
  const cursor = k.cursor();
  const total = k.reduction('total', 'i64', '+');
  k.fail('DivisionByZero', cmp('==', x, lit('i32', 0)));
  k.if(cmp('>', x, lit('i32', 3)), () => {
    k.push(cursor, [[out, half]]);
    k.accum(total, lit('i64', 1));
  });
  expect(code(k.finish())).toMatchInlineSnapshot(`
    "struct Params {
      n: u32,
      groups: u32,
      rows_per_group: u32,
      zero: u32,
      base_x: u32,
      len_x: u32,
      base_out: u32,
      len_out: u32,
    }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> b_x: array<u32>;
    @group(0) @binding(2) var<storage, read_write> b_out: array<u32>;
    @group(0) @binding(3) var<storage, read_write> state: array<atomic<u32>>;
    // Places in the state, in words; before the cells is the first failing row of each code.
    const CELLS = 8u;
    const TOTALS = 10u;
    const GROUPS = 11u;
    const GROUP_WORDS = 3u;
    fn fail_row(code: u32, row: i32) { atomicMin(&state[code], u32(row)); }

    // An index within [0, length).
    fn inside(k: u32, length: u32) -> u32 { return min(k, max(length, 1u) - 1u); }
    fn add64(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
      let low = a.x + b.x;
      return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
    }

    fn load_x(index: u32) -> i32 {
      let k = inside(index, params.len_x);
      return bitcast<i32>(b_x[params.base_x + k]);
    }
    fn store_out(k: u32, value: i32) {
      if (k >= params.len_out) { return; }
      b_out[params.base_out + k] = bitcast<u32>(value);
    }

    var<private> acc_total: vec2<u32>;
    var<workgroup> shared_total: array<vec2<u32>, 64>;
    fn start_cells() {
      acc_total = vec2<u32>(0u, 0u);
    }
    // Leaves the values of all invocations in element 0. For uniform control flow.
    fn reduce_group(lid: u32) {
      shared_total[lid] = acc_total;
      workgroupBarrier();
      for (var half = 32u; half > 0u; half >>= 1u) {
        if (lid < half) {
          shared_total[lid] = add64(shared_total[lid], shared_total[lid + half]);
        }
        workgroupBarrier();
      }
    }
    fn put_cells(at: u32) {
      atomicStore(&state[at + 0u], shared_total[0].x);
      atomicStore(&state[at + 1u], shared_total[0].y);
    }
    fn add_cells(at: u32) {
      acc_total = add64(acc_total, vec2<u32>(atomicLoad(&state[at + 0u]), atomicLoad(&state[at + 1u])));
    }

    var<private> pushed_0: u32;
    var<private> cursor_0: u32;
    var<workgroup> scan_cells: array<u32, 64>;
    // (sum of the values of lower invocations, sum of all). For uniform control flow.
    fn exclusive_scan(lid: u32, value: u32) -> vec2<u32> {
      scan_cells[lid] = value;
      workgroupBarrier();
      for (var reach = 1u; reach < 64u; reach <<= 1u) {
        var below = 0u;
        if (lid >= reach) { below = scan_cells[lid - reach]; }
        workgroupBarrier();
        scan_cells[lid] += below;
        workgroupBarrier();
      }
      let sums = vec2<u32>(scan_cells[lid] - value, scan_cells[63]);
      workgroupBarrier();
      return sums;
    }

    fn count_row(row: i32) {
      let v1 = load_x(u32(row));
      if (v1 == 0i) {
        fail_row(3u, row); // DivisionByZero
        return;
      }
      if (v1 > 3i) {
        pushed_0++;
      }
    }

    fn each_row(row: i32) {
      let v1 = load_x(u32(row));
      let v2 = 1000i / v1;
      if (v1 == 0i) {
        fail_row(3u, row); // DivisionByZero
        return;
      }
      if (v1 > 3i) {
        store_out(cursor_0, v2);
        cursor_0++;
        acc_total = add64(acc_total, vec2<u32>(1u, 0u));
      }
    }

    @compute @workgroup_size(64)
    fn keep_count(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      let first = group.x * params.rows_per_group;
      let end = min(first + params.rows_per_group, params.n);
      for (var row = first + lid; row < end; row += 64u) {
        count_row(i32(row));
      }
      let count_0 = exclusive_scan(lid, pushed_0).y;
      if (lid == 0u) { atomicStore(&state[GROUPS + group.x * GROUP_WORDS + 2u], count_0); }
    }

    @compute @workgroup_size(64)
    fn keep_scan(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      var sum_0 = 0u;
      for (var tile = 0u; tile < params.groups; tile += 64u) {
        let g = tile + lid;
        var count = 0u;
        if (g < params.groups) { count = atomicLoad(&state[GROUPS + g * GROUP_WORDS + 2u]); }
        let place = exclusive_scan(lid, count);
        if (g < params.groups) { atomicStore(&state[GROUPS + g * GROUP_WORDS + 2u], sum_0 + place.x); }
        sum_0 += place.y;
      }
      if (lid == 0u) { atomicStore(&state[TOTALS + 0u], sum_0); }
    }

    @compute @workgroup_size(64)
    fn keep_write(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      let first = group.x * params.rows_per_group;
      let end = min(first + params.rows_per_group, params.n);
      start_cells();
      var next_0 = atomicLoad(&state[GROUPS + group.x * GROUP_WORDS + 2u]);
      for (var tile = first; tile < end; tile += 64u) {
        let row = tile + lid;
        pushed_0 = 0u;
        if (row < end) { count_row(i32(row)); }
        {
          let place = exclusive_scan(lid, pushed_0);
          cursor_0 = next_0 + place.x;
          next_0 += place.y;
        }
        if (row < end) { each_row(i32(row)); }
      }
      reduce_group(lid);
      if (lid == 0u) { put_cells(GROUPS + group.x * GROUP_WORDS); }
    }

    @compute @workgroup_size(64)
    fn keep_combine(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      start_cells();
      for (var g = lid; g < params.groups; g += 64u) {
        add_cells(GROUPS + g * GROUP_WORDS);
      }
      reduce_group(lid);
      if (lid == 0u) { put_cells(CELLS); }
    }
    "
  `);
});

test('a group-by into dense tables', () => {
  const k = new KernelBuilder('by_key');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  const [sums, counts] = [k.buf('sums', 'f32', 'readwrite', true), k.buf('counts', 'i64', 'readwrite', true)];
  const [s, c] = [k.load(sums, key), k.load(counts, key)];
  const s2 = k.let(bin('+', s, x));
  const c2 = k.let(bin('+', c, lit('i64', 1)));
  k.store(sums, key, s2);
  k.store(counts, key, c2);
  expect(code(k.finish())).toMatchInlineSnapshot(`
    "struct Params {
      n: u32,
      groups: u32,
      rows_per_group: u32,
      zero: u32,
      base_key: u32,
      len_key: u32,
      base_x: u32,
      len_x: u32,
      base_sums: u32,
      len_sums: u32,
      base_counts: u32,
      len_counts: u32,
    }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> b_key: array<u32>;
    @group(0) @binding(2) var<storage, read> b_x: array<u32>;
    @group(0) @binding(3) var<storage, read_write> b_sums: array<atomic<u32>>;
    @group(0) @binding(4) var<storage, read_write> b_counts: array<atomic<u32>>;

    // An index within [0, length).
    fn inside(k: u32, length: u32) -> u32 { return min(k, max(length, 1u) - 1u); }

    fn load_key(index: u32) -> i32 {
      let k = inside(index, params.len_key);
      return bitcast<i32>(b_key[params.base_key + k]);
    }
    fn load_x(index: u32) -> f32 {
      let k = inside(index, params.len_x);
      return bitcast<f32>(b_x[params.base_x + k]);
    }
    fn merge_sums(k: u32, value: f32) {
      if (k >= params.len_sums) { return; }
      let at = params.base_sums + k;
      var old = atomicLoad(&b_sums[at]);
      loop {
        let next = bitcast<u32>(bitcast<f32>(old) + value);
        let tried = atomicCompareExchangeWeak(&b_sums[at], old, next);
        if (tried.exchanged) { break; }
        old = tried.old_value;
      }
    }
    fn merge_counts(k: u32, value: vec2<u32>) {
      if (k >= params.len_counts) { return; }
      let at = params.base_counts + 2u * k;
      let low = atomicAdd(&b_counts[at], value.x);
      let high = value.y + select(0u, 1u, low + value.x < low);
      if (high != 0u) { atomicAdd(&b_counts[at + 1u], high); }
    }

    fn each_row(row: i32) {
      let v1 = load_key(u32(row));
      let v2 = load_x(u32(row));
      merge_sums(u32(v1), v2);
      merge_counts(u32(v1), vec2<u32>(1u, 0u));
    }

    @compute @workgroup_size(64)
    fn by_key(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
      for (var row = group.x * 64u + lid; row < params.n; row += params.groups * 64u) {
        each_row(i32(row));
      }
    }
    "
  `);
});
