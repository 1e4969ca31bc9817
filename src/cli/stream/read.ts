// Reads a stream from the event store itself, whatever state the read models are in, and writes its events to stdout.

import { connectEventStore } from '../../adapters/eventstore/event-store.js';
import { loadConfig } from '../../config.js';
import { decode } from '../../domain/log/codec.js';
import { InfrastructureError } from '../../domain/log/errors.js';
import type { EventStore, StoredEvent } from '../../domain/log/event-store.js';
import { formatPosition } from '../../domain/log/position.js';
import { toEventView } from '../../projections/order-events/order-event-view.js';
import { CommandFailed } from '../failed.js';
import { runningIn } from '../presence.js';

/** The connection string: what is configured, else that of the event node of the platform that runs here. */
function storeUrl(): string {
  const { EVENTSTORE_URL, DATA_DIR } = loadConfig(process.env);
  if (EVENTSTORE_URL !== null) return EVENTSTORE_URL;
  const found = runningIn(DATA_DIR).find(({ eventNode }) => eventNode !== null)?.eventNode;
  if (found != null) return found;
  throw new CommandFailed(
    `No platform with an embedded event node runs on ${DATA_DIR}: start one (npm start), set DATA_DIR to its folder, or set EVENTSTORE_URL.`,
  );
}

async function logIdOf(store: EventStore): Promise<string> {
  for await (const stored of store.readStream('panglot-log', { limit: 1 })) {
    const { event } = decode(stored);
    if (event.type === 'LogIdentified') return event.data.logId;
  }
  throw new CommandFailed('The event store has no log of a platform yet.');
}

const parsed = (bytes: Uint8Array): unknown => {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** As the API shows an event. One that this version cannot read is shown as it is stored. */
function shown(stored: StoredEvent, logId: string) {
  try {
    return toEventView(decode(stored), logId);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    const { id, stream, revision, type, created, position, data, metadata } = stored;
    const place = { position: formatPosition(logId, position), at: created.toISOString(), stream, revision, type, id };
    return { ...place, data: parsed(data), metadata: parsed(metadata) };
  }
}

export interface Flags {
  readonly from?: number;
  readonly limit: number;
  readonly backwards: boolean;
  readonly json: boolean;
}

/** A line for an event: its data is cut where the terminal ends. */
function eventLine({ revision, at, type, data }: ReturnType<typeof shown>): string {
  const line = `${String(revision).padStart(6)}  ${at}  ${type.padEnd(28)}  ${JSON.stringify(data)}`;
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

/** Waits while the reader is slower than the store. */
const write = (line: string) => new Promise<void>((resolve) => process.stdout.write(`${line}\n`, () => resolve()));

const silence = 5_000;

/** The events that were asked for, a line each. */
export async function readStream(stream: string, { from, limit, backwards, json }: Flags): Promise<void> {
  const store = connectEventStore({ url: storeUrl(), appendTimeoutMs: silence });
  try {
    const logId = await logIdOf(store);
    const direction = backwards ? 'backwards' : 'forwards';
    let count = 0;
    let last = 0;
    for await (const stored of store.readStream(stream, { direction, limit, ...(from === undefined ? {} : { from }) })) {
      const event = shown(stored, logId);
      await write(json ? JSON.stringify(event) : eventLine(event));
      count++;
      last = stored.revision;
    }
    if (count === 0) throw new CommandFailed(`The stream ${stream} has no events${from === undefined ? '' : ' there'}.`);
    const next = backwards ? last - 1 : last + 1;
    if (count === limit && next >= 0) process.stderr.write(`There may be more: --from ${next}\n`);
  } finally {
    await store.close();
  }
}
