// Copies a log into another one: streams, order, ids, bytes, metadata, tombstones. It keeps no state of its own: the target must be a first
// part of the source, is compared with it event by event, and goes on from there. In the end both are read and compared once more.

import { EventStoreDBClient, StreamDeletedError } from '@eventstore/db-client';
import { Rejected } from '../../../domain/log/errors.js';
import type { ExpectedRevision, NewEvent } from '../../../domain/log/event-store.js';
import { silent } from '../../log.js';
import { type Appender, appender } from '../appender.js';
import { type Connection, connection } from '../connection.js';
import { differencesOf, isCopyOf, LogContent, nextEvent, placeOf } from './log-content.js';
import { headOf, type LoggedEvent, readLog } from './log-reader.js';
import { appendPersistently, createRunWriter } from './run-writer.js';

export interface CopyOptions {
  /** Connection strings. */
  readonly from: string;
  readonly to: string;
  /** An event that ends a stream of the copy and says that it is one; the last event of that stream in the source is given to it. */
  readonly mark?: {
    readonly stream: string;
    readonly idOf: (last: LoggedEvent) => string;
    readonly make: (id: string) => NewEvent;
  };
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface CopyProgress {
  readonly phase: 'copying' | 'verifying';
  /** Events of the source so far. */
  readonly events: number;
  /** How much of the source that is, from 0 to 1. */
  readonly fraction: number;
}

export interface CopyReport {
  /** Events that were there already, and that were written now. */
  readonly present: number;
  readonly copied: number;
  readonly metadata: number;
  readonly tombstones: number;
  /** Events of the source's own server, which are not copied. */
  readonly system: number;
  readonly marked: boolean;
  /** `undefined` if the copy was interrupted: run it again. */
  readonly verified: Verified | undefined;
}

export interface Verified {
  readonly source: { readonly events: number; readonly digest: string };
  readonly target: { readonly events: number; readonly digest: string };
  /** Sentences; none if the target is a copy of the source. */
  readonly differences: readonly string[];
}

const MOST_DIFFERENCES = 20;

const partOf = (position: bigint, end: bigint): number => (end <= 0n ? 1 : Math.min(1, Number(position) / Number(end)));

/**
 * Copies, or goes on copying. What the source is written meanwhile may be missing: then run it again.
 * @throws Rejected if the target holds something else, or cannot take what the source holds; Unavailable if one of them is away
 */
export async function copyLog(options: CopyOptions): Promise<CopyReport> {
  const [source, target] = [connection(options.from), connection(options.to)];
  const appends = appender(target, { timeoutMs: 30_000, maxPending: 16, log: silent });
  const tombstones = EventStoreDBClient.connectionString(options.to);
  try {
    return await copy(options, { source, target, appends, tombstones });
  } finally {
    appends.close();
    await Promise.all([source.close(), target.close(), tombstones.dispose()]);
  }
}

interface Ends {
  readonly source: Connection;
  readonly target: Connection;
  readonly appends: Appender;
  readonly tombstones: EventStoreDBClient;
}

async function copy(options: CopyOptions, { source, target, appends, tombstones }: Ends): Promise<CopyReport> {
  const { mark, onProgress, signal } = options;
  const [from, to] = [readLog(source, 'The source'), readLog(target, 'The target')];
  const [wanted, held] = [new LogContent(), new LogContent()];
  let [present, copied, lastPosition] = [0, 0, -1n];
  let lastOfMarked: LoggedEvent | undefined;
  let marks = 0;
  const head = await headOf(source);
  const writer = createRunWriter(appends, (events) => {
    copied += events;
  });
  const isMark = (event: LoggedEvent): boolean =>
    lastOfMarked !== undefined && event.stream === lastOfMarked.stream && event.id === mark?.idOf(lastOfMarked);
  const inTarget = async (): Promise<LoggedEvent | undefined> => {
    for (;;) {
      const event = await nextEvent(() => to.next(), held);
      if (event === undefined || !isMark(event)) return event;
      marks += 1;
    }
  };

  try {
    let isThere = true;
    for (;;) {
      if (signal?.aborted === true) break;
      const event = await nextEvent(() => from.next(), wanted);
      if (event === undefined) break;
      const other: LoggedEvent | undefined = isThere ? await inTarget() : undefined;
      isThere = other !== undefined;
      if (other === undefined) await writer.add(event);
      else {
        refuseOther(event, other);
        present += 1;
      }
      wanted.add(event);
      if (event.stream === mark?.stream) lastOfMarked = event;
      lastPosition = event.position;
      onProgress?.({ phase: 'copying', events: wanted.events, fraction: partOf(event.position, head) });
    }
    await writer.flush();
    const report = { present, copied, metadata: wanted.metadata.size, tombstones: wanted.tombstones.size, system: wanted.system };
    if (signal?.aborted === true) return { ...report, marked: false, verified: undefined };
    const surplus = isThere ? await inTarget() : undefined;
    if (surplus !== undefined) throw new Rejected(`The target holds what the source does not: ${placeOf(surplus)}.`);
    await copyMetadata(wanted, held, appends);
    for (const stream of wanted.tombstones) if (!held.tombstones.has(stream)) await bury(tombstones, stream);
    if (lastOfMarked !== undefined && mark !== undefined && marks === 0) await putMark(appends, mark, lastOfMarked);
    const verified = await verify(options, source, target, lastPosition, isMark);
    return { ...report, marked: lastOfMarked !== undefined, verified };
  } finally {
    from.close();
    to.close();
  }
}

function refuseOther(wanted: LoggedEvent, found: LoggedEvent): void {
  if (!isCopyOf(wanted, found))
    throw new Rejected(`The target holds something else than the source: ${placeOf(found)} where ${placeOf(wanted)} should be.`);
  if (wanted.position === found.position && wanted.created === found.created)
    throw new Rejected('The source and the target are the same log.');
}

/** The last metadata of each stream. What is replaced must have come from the source as well. */
async function copyMetadata(wanted: LogContent, held: LogContent, appends: Appender): Promise<void> {
  for (const [stream, { id }] of held.metadata)
    if (!wanted.metadataIds.has(id) && !wanted.metadata.has(stream))
      throw new Rejected(`The target holds what the source does not: metadata of ${stream}.`);
  for (const [stream, event] of wanted.metadata) {
    const before = held.metadata.get(stream);
    if (before !== undefined && (before.id === event.id || held.tombstones.has(stream))) continue;
    let expected: ExpectedRevision | undefined = before?.revision ?? 'no-stream';
    // A deleted stream that was written to again has had its metadata written by the target itself.
    while (expected !== undefined) expected = await appendPersistently(appends, event.stream, [event], expected);
  }
}

async function bury(client: EventStoreDBClient, stream: string): Promise<void> {
  try {
    await client.tombstoneStream(stream);
  } catch (error) {
    if (!(error instanceof StreamDeletedError)) throw error;
  }
}

async function putMark(appends: Appender, mark: NonNullable<CopyOptions['mark']>, last: LoggedEvent): Promise<void> {
  const event = { ...last, ...mark.make(mark.idOf(last)), isJson: true };
  const actual = await appendPersistently(appends, mark.stream, [event], last.revision);
  if (actual !== undefined) throw new Rejected(`Somebody else writes to the target: ${mark.stream} is at revision ${actual}.`);
}

/** Reads both, the source up to what was copied, and says where they differ. */
async function verify(
  { onProgress, signal }: CopyOptions,
  source: Connection,
  target: Connection,
  until: bigint,
  isMark: (event: LoggedEvent) => boolean,
): Promise<Verified | undefined> {
  const [from, to] = [readLog(source, 'The source'), readLog(target, 'The target')];
  const [wanted, found] = [new LogContent(), new LogContent()];
  const differences: string[] = [];
  try {
    for (;;) {
      if (signal?.aborted === true) return undefined;
      const event = await nextEvent(() => from.next(), wanted);
      let other = await nextEvent(() => to.next(), found);
      while (other !== undefined && isMark(other)) other = await nextEvent(() => to.next(), found);
      const expected = event !== undefined && event.position <= until ? event : undefined;
      if (expected === undefined && other === undefined) break;
      if (expected !== undefined) wanted.add(expected);
      if (other !== undefined) found.add(other);
      if (differences.length < MOST_DIFFERENCES && (expected === undefined || other === undefined || !isCopyOf(expected, other)))
        differences.push(differenceOf(expected, other));
      if (expected !== undefined)
        onProgress?.({ phase: 'verifying', events: wanted.events, fraction: partOf(expected.position, until) });
    }
  } finally {
    from.close();
    to.close();
  }
  for (const difference of differencesOf(wanted, found)) if (differences.length < MOST_DIFFERENCES) differences.push(difference);
  const sumOf = (content: LogContent) => ({ events: content.events, digest: content.digest() });
  return { source: sumOf(wanted), target: sumOf(found), differences };
}

function differenceOf(wanted: LoggedEvent | undefined, found: LoggedEvent | undefined): string {
  if (wanted === undefined) return `The target has ${found === undefined ? 'more' : placeOf(found)} beyond what the source has.`;
  if (found === undefined) return `${placeOf(wanted)} is missing.`;
  return `${placeOf(found)} stands where ${placeOf(wanted)} should.`;
}
