/**
 * The one door to hyparquet: the parts of it that decode, loaded at the first Parquet file.
 *
 * Its row and column readers build one JavaScript value per cell (a Date for each timestamp), which is most of their
 * time. We take the layers beneath: the thrift metadata, the codecs, and the decoders of plain and delta encodings.
 */

import type { CompressionCodec, parquetMetadata, parquetSchema } from 'hyparquet';
import type { parquetHeader } from 'hyparquet/src/column.js';
import type { decompressPage } from 'hyparquet/src/datapage.js';
import type { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import type { byteStreamSplit } from 'hyparquet/src/encoding.js';
import type { readPlain } from 'hyparquet/src/plain.js';

export type {
  ColumnMetaData,
  DataReader,
  FileMetaData,
  ParquetType,
  RowGroup,
  SchemaElement,
  SchemaTree,
} from 'hyparquet';

export interface ParquetCodec {
  readonly parquetMetadata: typeof parquetMetadata;
  readonly parquetSchema: typeof parquetSchema;
  readonly parquetHeader: typeof parquetHeader;
  readonly readPlain: typeof readPlain;
  readonly deltaBinaryUnpack: typeof deltaBinaryUnpack;
  readonly deltaByteArray: typeof deltaByteArray;
  readonly deltaLengthByteArray: typeof deltaLengthByteArray;
  readonly byteStreamSplit: typeof byteStreamSplit;
  /** The page of `length` bytes that `bytes` compress. */
  decompress(bytes: Uint8Array, length: number, codec: CompressionCodec): ReturnType<typeof decompressPage>;
}

/** Loads hyparquet and the decompressors. */
export async function loadParquetCodec(): Promise<ParquetCodec> {
  const [main, column, datapage, delta, encoding, plain, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet/src/column.js'),
    import('hyparquet/src/datapage.js'),
    import('hyparquet/src/delta.js'),
    import('hyparquet/src/encoding.js'),
    import('hyparquet/src/plain.js'),
    import('hyparquet-compressors'),
  ]);
  const all = { ...compressors, ...nativeCompressors() };
  return {
    parquetMetadata: main.parquetMetadata,
    parquetSchema: main.parquetSchema,
    parquetHeader: column.parquetHeader,
    readPlain: plain.readPlain,
    deltaBinaryUnpack: delta.deltaBinaryUnpack,
    deltaByteArray: delta.deltaByteArray,
    deltaLengthByteArray: delta.deltaLengthByteArray,
    byteStreamSplit: encoding.byteStreamSplit,
    decompress: (bytes, length, codec) => datapage.decompressPage(bytes, length, codec, all),
  };
}

type Compressors = Partial<Record<CompressionCodec, (input: Uint8Array, length: number) => Uint8Array>>;

/** The decompressors that the host brings along, several times as fast as those in JavaScript; none in a browser. */
function nativeCompressors(): Compressors {
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib');
  if (zlib === undefined) return {};
  const native: Compressors = {
    GZIP: (input) => zlib.gunzipSync(input),
    BROTLI: (input) => zlib.brotliDecompressSync(input),
  };
  // Since Node 22.15.
  const { zstdDecompressSync } = zlib;
  return typeof zstdDecompressSync === 'function' ? { ...native, ZSTD: (input) => zstdDecompressSync(input) } : native;
}
