/**
 * Decodes the pages of one column chunk into a sink.
 *
 * A page is a header, then (compressed) null flags and values; version 2 pages keep the flags outside the compression.
 * Only flat columns come here, so there are no repetition levels and the definition level is 0 or 1: "is present".
 * Every length that the bytes claim is checked before use; what does not fit throws (`CorruptPage`, or whatever the
 * decoders beneath throw) and the reader reports it with the name of the file and the column.
 */

import { allPresent, CorruptPage, decodeHybrid, unpackBooleans } from './parquet-bits.ts';
import type { ColumnMetaData, DataReader, ParquetCodec, SchemaElement } from './parquet-codec.ts';
import type { ColumnSink } from './parquet-sinks.ts';
import type { Values } from './parquet-types.ts';

export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly element: SchemaElement;
  readonly codec: ColumnMetaData['codec'];
  /** First row of the chunk in the table, and how many rows it has. */
  readonly row: number;
  readonly rows: number;
}

/** Index and flag buffers that all pages of a read share, as they are as long as a page has rows. */
export interface PageScratch {
  indices: Int32Array;
  present: Int32Array;
}

type Header = ReturnType<ParquetCodec['parquetHeader']>;

/** The values of a page: `count` rows of which `found` are present (flags in `scratch.present` when they differ). */
interface PageBody {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly count: number;
  readonly found: number;
  readonly encoding: string;
}

/** Reads all pages of a chunk. */
export function readColumnChunk(codec: ParquetCodec, chunk: ColumnChunk, sink: ColumnSink, scratch: PageScratch): void {
  const { bytes, rows } = chunk;
  const reader: DataReader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    offset: 0,
  };
  let done = 0;
  while (done < rows) {
    const header = codec.parquetHeader(reader);
    const start = reader.offset;
    const end = start + header.compressed_page_size;
    if (!(end >= start && end <= bytes.length)) throw new CorruptPage('a page reaches beyond its column');
    reader.offset = end;
    const body = bytes.subarray(start, end);
    if (header.type === 'DICTIONARY_PAGE') sink.dictionary(dictionaryPage(codec, chunk, header, body));
    else if (header.type !== 'INDEX_PAGE') {
      const page =
        header.type === 'DATA_PAGE_V2'
          ? pageV2(codec, chunk, header, body, scratch)
          : pageV1(codec, chunk, header, body, scratch);
      if (page.count > rows - done) throw new CorruptPage(`more values than the ${rows} rows of the row group`);
      writeValues(codec, chunk, page, sink, chunk.row + done, scratch);
      if (page.found < page.count) sink.spread(chunk.row + done, scratch.present, page.count, page.found);
      done += page.count;
    }
  }
  sink.endChunk();
}

function dictionaryPage(codec: ParquetCodec, chunk: ColumnChunk, header: Header, body: Uint8Array): Values {
  const count = header.dictionary_page_header?.num_values ?? missing('dictionary page');
  const bytes = decompress(codec, chunk, body, header.uncompressed_page_size);
  return plainValues(codec, chunk.element, bytes, 0, count);
}

function pageV1(
  codec: ParquetCodec,
  chunk: ColumnChunk,
  header: Header,
  body: Uint8Array,
  scratch: PageScratch,
): PageBody {
  const data = header.data_page_header ?? missing('data page');
  const count = checkedCount(data.num_values);
  const bytes = decompress(codec, chunk, body, header.uncompressed_page_size);
  if (chunk.element.repetition_type === 'REQUIRED') {
    return { bytes, at: 0, count, found: count, encoding: data.encoding };
  }
  if (data.definition_level_encoding !== 'RLE')
    throw new CorruptPage(`null flags in ${data.definition_level_encoding}`);
  if (bytes.length < 4) throw new CorruptPage('null flags end early');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const at = 4 + length;
  if (at > bytes.length) throw new CorruptPage('null flags end early');
  return {
    bytes,
    at,
    count,
    found: readFlags(bytes, 4, at, count, scratch),
    encoding: data.encoding,
  };
}

function pageV2(
  codec: ParquetCodec,
  chunk: ColumnChunk,
  header: Header,
  body: Uint8Array,
  scratch: PageScratch,
): PageBody {
  const data = header.data_page_header_v2 ?? missing('data page');
  const count = checkedCount(data.num_values);
  const flagsStart = data.repetition_levels_byte_length;
  const flagsEnd = flagsStart + data.definition_levels_byte_length;
  if (!(flagsStart >= 0 && flagsEnd >= flagsStart && flagsEnd <= body.length))
    throw new CorruptPage('null flags end early');
  const optional = chunk.element.repetition_type !== 'REQUIRED';
  const found = optional ? readFlags(body, flagsStart, flagsEnd, count, scratch) : count;
  const packed = body.subarray(flagsEnd);
  const size = header.uncompressed_page_size - flagsEnd;
  const bytes = data.is_compressed === false ? packed : decompress(codec, chunk, packed, size);
  return { bytes, at: 0, count, found, encoding: data.encoding };
}

/** Reads null flags and counts the values that are present; leaves the flags in `scratch.present` when some are not. */
function readFlags(bytes: Uint8Array, start: number, end: number, count: number, scratch: PageScratch): number {
  if (allPresent(bytes, start, end, count)) return count;
  if (scratch.present.length < count) scratch.present = new Int32Array(count);
  const { present } = scratch;
  decodeHybrid(bytes, start, end, 1, present, count);
  let found = 0;
  for (let i = 0; i < count; i++) found += present[i] ?? 0;
  return found;
}

function writeValues(
  codec: ParquetCodec,
  chunk: ColumnChunk,
  page: PageBody,
  sink: ColumnSink,
  row: number,
  scratch: PageScratch,
): void {
  const { bytes, at, found, encoding } = page;
  const { element } = chunk;
  if (found === 0) return;
  switch (encoding) {
    case 'PLAIN':
      sink.plain(row, plainValues(codec, element, bytes, at, found));
      return;
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      if (at >= bytes.length) throw new CorruptPage('dictionary indices end early');
      const { indices } = ensureIndices(scratch, found);
      decodeHybrid(bytes, at + 1, bytes.length, bytes[at] ?? 0, indices, found);
      sink.indexed(row, indices, found);
      return;
    }
    case 'RLE': {
      if (element.type !== 'BOOLEAN') break;
      // Four bytes of length come first; the page ends where the run does, so they say nothing new.
      const { indices } = ensureIndices(scratch, found);
      decodeHybrid(bytes, at + 4, bytes.length, 1, indices, found);
      sink.plain(row, Uint8Array.from(indices.subarray(0, found)));
      return;
    }
    case 'DELTA_BINARY_PACKED': {
      if (element.type !== 'INT32' && element.type !== 'INT64') break;
      const out = element.type === 'INT32' ? new Int32Array(found) : new BigInt64Array(found);
      codec.deltaBinaryUnpack(readerAt(bytes, at), found, out);
      sink.plain(row, out);
      return;
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      if (element.type !== 'BYTE_ARRAY' && element.type !== 'FIXED_LEN_BYTE_ARRAY') break;
      const out: Uint8Array[] = [];
      const read = encoding === 'DELTA_BYTE_ARRAY' ? codec.deltaByteArray : codec.deltaLengthByteArray;
      read(readerAt(bytes, at), found, out);
      sink.plain(row, out);
      return;
    }
    case 'BYTE_STREAM_SPLIT': {
      if (element.type === undefined) break;
      sink.plain(row, codec.byteStreamSplit(readerAt(bytes, at), found, element.type, element.type_length));
      return;
    }
  }
  throw new CorruptPage(`the encoding ${encoding} for values of type ${element.type}`);
}

/** `count` values in the plain encoding of the element's physical type. */
function plainValues(
  codec: ParquetCodec,
  element: SchemaElement,
  bytes: Uint8Array,
  at: number,
  count: number,
): Values {
  checkedCount(count);
  if (element.type === undefined) throw new CorruptPage('a column without a type');
  if (element.type === 'BOOLEAN') return unpackBooleans(bytes, at, count);
  return codec.readPlain(readerAt(bytes, at), element.type, count, element.type_length);
}

function decompress(codec: ParquetCodec, chunk: ColumnChunk, body: Uint8Array, size: number): Uint8Array {
  // A page of nulls only has nothing to compress, and some writers leave it empty.
  if (body.length === 0 && size === 0) return body;
  return codec.decompress(body, size, chunk.codec);
}

function ensureIndices(scratch: PageScratch, count: number): { readonly indices: Int32Array } {
  if (scratch.indices.length < count) scratch.indices = new Int32Array(count);
  return scratch;
}

const readerAt = (bytes: Uint8Array, at: number): DataReader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  offset: at,
});

function checkedCount(count: number): number {
  if (!Number.isInteger(count) || count < 0) throw new CorruptPage(`a page of ${count} values`);
  return count;
}

function missing(what: string): never {
  throw new CorruptPage(`a ${what} without its header`);
}
