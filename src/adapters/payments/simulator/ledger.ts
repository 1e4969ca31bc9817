// An append-only file of JSON entries, one a line, each behind its checksum: `{crc32 as 8 hex digits} {json}\n`. What is acknowledged
// is on the disk. It knows nothing of what the entries mean.

import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { Corrupt, Unavailable } from '../../../domain/log/errors.js';

export interface Ledger {
  /** Resolves once the entry is durable. @throws Unavailable from the first failed write on: what a disk has after one is unknown. */
  append(entry: unknown): Promise<void>;
  /** Resolves once everything that was appended so far is durable. @throws Unavailable */
  settled(): Promise<void>;
  /** Resolves with the reason if the file can no longer be written; else never. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

const newline = 0x0a;
const frame = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;

/** The JSON of a line without its newline, or `null` if its checksum does not fit. */
function unframe(line: Buffer): string | null {
  if (line.length < 10 || line[8] !== 0x20) return null;
  const json = line.subarray(9);
  return Number.parseInt(line.toString('latin1', 0, 8), 16) === crc32(json) ? json.toString() : null;
}

/** Yields whole lines (without their newline) and, last, what stands after the last newline. Never holds more than a piece and a line. */
async function* lines(path: string): AsyncGenerator<{ line: Buffer; offset: number; whole: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes: Buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      yield { line: bytes.subarray(start, end), offset: offset + start, whole: true };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    offset += start;
  }
  if (rest.length > 0) yield { line: rest, offset, whole: false };
}

/** Hands on every entry, and says where the torn tail begins, if there is one. @throws Corrupt if a good entry stands behind a bad one. */
async function replay(path: string, onEntry: (entry: unknown) => void): Promise<number | null> {
  let tornAt: number | null = null;
  for await (const { line, offset, whole } of lines(path)) {
    const json = whole ? unframe(line) : null;
    if (json === null) tornAt ??= offset;
    else if (tornAt === null) onEntry(JSON.parse(json));
    else throw new Corrupt(`The ledger ${path} is damaged at byte ${tornAt}: there are good entries behind a bad one.`);
  }
  return tornAt;
}

/**
 * Opens the ledger, making it if it is not there, and hands every entry in it to `onEntry` first. A torn tail (what a crash left of the
 * last writes, which nobody was told of) is cut off, and said so. Entries that come close together share a write.
 * @throws Corrupt if it is damaged anywhere else.
 */
export async function openLedger(
  path: string,
  { onEntry, log }: { onEntry: (entry: unknown) => void; log: (message: string) => void },
): Promise<Ledger> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a');
  try {
    const tornAt = await replay(path, onEntry);
    if (tornAt !== null) {
      const { size } = await file.stat();
      await file.truncate(tornAt);
      log(`The ledger ${path} ended in ${size - tornAt} bytes of an unfinished write; they were cut off.`);
    }
    await file.sync();
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    await file.close();
    throw error;
  }
  return groupCommit(path, file);
}

/** A ledger that forgets everything when the process ends. */
export const memoryLedger = (): Ledger => {
  const now = Promise.resolve();
  return { append: () => now, settled: () => now, failed: new Promise(() => {}), close: () => now };
};

/**
 * How long a write waits for others to share it, in milliseconds. A sync costs as much CPU as a request, and a payment gateway that
 * answers in less than a millisecond is nothing that anybody will meet.
 */
const gather = 1;

/** One write and one fdatasync for all that came in meanwhile. */
function groupCommit(path: string, file: FileHandle): Ledger {
  let gathered = '';
  let gathering = newRound();
  let underWay: Round | null = null;
  let writing: Promise<void> | null = null;
  let broken: Unavailable | null = null;
  let fail: (reason: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });

  async function writeRounds(): Promise<void> {
    while (gathered !== '' && broken === null) {
      await setTimeout(gather);
      const bytes = Buffer.from(gathered);
      const round = gathering;
      underWay = round;
      gathered = '';
      gathering = newRound();
      try {
        for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written)).bytesWritten;
        await file.datasync();
        round.resolve();
      } catch (cause) {
        broken = new Unavailable(`The ledger ${path} cannot be written; nothing more is accepted until a restart.`, { cause });
        round.reject(broken);
        gathering.reject(broken);
        fail(broken);
      }
      underWay = null;
    }
    writing = null;
  }

  return {
    failed,
    append(entry) {
      if (broken !== null) return Promise.reject(broken);
      gathered += frame(JSON.stringify(entry));
      writing ??= writeRounds();
      return gathering.done;
    },
    settled() {
      if (broken !== null) return Promise.reject(broken);
      return gathered === '' ? (underWay?.done ?? Promise.resolve()) : gathering.done;
    },
    async close() {
      await writing;
      await file.close();
    },
  };
}

interface Round {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

function newRound(): Round {
  let resolve: () => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  done.catch(() => {});
  return { done, resolve, reject };
}
