// Reads a retail file, gzipped or not, as a stream of rows: the first thing that is wrong with it ends the reading with a sentence that
// names the line.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { FileRefused } from './file-refused.js';
import { BrokenRow, columns, type Row, rowReader } from './row.js';

export interface FileFacts {
  /** Rows below the header. */
  readonly rows: number;
  /** SHA-256 of the uncompressed content, in hex: the same whether the file is gzipped or not. */
  readonly contentHash: string;
}

/** Longer than any row of a sound file: a quote that is never closed is not read to the file's end. */
const longestRecord = 65_536;

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

function explained(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'Z_BUF_ERROR') return 'its gzip data ends too early: the file was cut off';
  if (code === 'Z_DATA_ERROR') return 'its gzip data is damaged';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8: convert it first (iconv -f latin1 -t utf-8)';
  if (error instanceof CsvError && typeof error.lines === 'number')
    return `line ${error.lines}: it is not sound CSV (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}

/**
 * Hands every row to `take` with the number of the line on which it ends (the header is line 1).
 * @throws {FileRefused} if the file is not there, not CSV, has other columns, or holds a row that cannot be read.
 */
export async function readRetailFile(path: string, take: (row: Row, line: number) => void): Promise<FileFacts> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rows = 0;

  async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  }

  async function taken(records: AsyncIterable<{ record: string[]; info: { lines: number } }>): Promise<void> {
    const read = rowReader();
    let header = true;
    for await (const { record, info } of records) {
      if (header) {
        header = false;
        if (record.join() !== columns.join()) throw new BrokenRow(`line 1: the header should be ${columns.join()}`);
        continue;
      }
      try {
        take(read(record), info.lines);
      } catch (error) {
        throw error instanceof BrokenRow ? new BrokenRow(`line ${info.lines}: ${error.message}`) : error;
      }
      rows++;
    }
    if (header) throw new BrokenRow(`it is empty: line 1 should be ${columns.join()}`);
  }

  try {
    const zipped = await isGzip(path);
    if (!zipped && path.endsWith('.gz')) throw new BrokenRow('it is named .gz, but it is not gzip');
    const csv = parse({ info: true, skip_empty_lines: true, relax_column_count: true, max_record_size: longestRecord });
    // A decoder of UTF-8 takes a byte order mark away by itself.
    if (zipped) await pipeline(createReadStream(path), createGunzip(), decoded, csv, taken);
    else await pipeline(createReadStream(path), decoded, csv, taken);
  } catch (error) {
    throw new FileRefused(`${basename(path)} was not imported: ${explained(error)}.`, { cause: error });
  }
  return { rows, contentHash: hash.digest('hex') };
}
