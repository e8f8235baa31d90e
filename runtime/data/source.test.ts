import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { openSource, readAll } from './source.ts';

const FILE = 'node_modules/vega-datasets/data/lookup_groups.csv';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a path, a file URL, its text and bytes give the same bytes', async () => {
  const { name, bytes } = await readAll(FILE);
  expect(name).toBe(FILE);
  expect(new TextDecoder().decode(bytes.subarray(0, 12))).toBe('group,person');
  const url = pathToFileURL(FILE);
  for (const input of [url, url.href, bytes]) expect((await readAll(input)).bytes).toEqual(bytes);
});

test('reads ranges', async () => {
  const source = await openSource(FILE);
  expect(source.byteLength).toBe(77);
  expect(await source.read(6, 12)).toEqual(new TextEncoder().encode('person'));
  expect(await source.read(77, 77)).toEqual(new Uint8Array(0));
  await source.close();
});

test('web addresses', async () => {
  const answers: Record<string, Response> = {
    'https://data.example/a.csv': new Response('a\n1'),
    'https://data.example/b.csv': new Response('gone', { status: 404 }),
  };
  vi.stubGlobal('fetch', async (url: URL) => answers[url.href] ?? Promise.reject(new TypeError('no route to host')));
  expect(new TextDecoder().decode((await readAll('https://data.example/a.csv')).bytes)).toBe('a\n1');
  await expect(readAll(new URL('https://data.example/b.csv'))).rejects.toThrow(
    "W8001: cannot read 'https://data.example/b.csv': the server answered 404",
  );
  await expect(readAll('https://data.example/c.csv')).rejects.toThrow('note: no route to host');
  await expect(readAll(new URL('ftp://data.example/a.csv'))).rejects.toThrow("found the scheme 'ftp:'");
});
