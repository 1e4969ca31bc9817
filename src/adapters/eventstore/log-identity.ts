// The log's name. The log names itself once, in a stream of its own: whoever comes first chooses, everybody reads what was chosen.

import { randomInt, randomUUID } from 'node:crypto';
import { decode, encode } from '../../domain/log/codec.js';
import { Corrupt, OutcomeUnknown, Unavailable } from '../../domain/log/errors.js';
import type { EventStore, NewEvent } from '../../domain/log/event-store.js';

export const logStream = 'panglot-log';

const idLength = 6;
const randomId = (): string =>
  randomInt(36 ** idLength)
    .toString(36)
    .padStart(idLength, '0');

/** The event that gives a log a new name, which is in force from then on. */
export function logNamed(eventId: string, appVersion: string): NewEvent {
  const commandId = randomUUID();
  return encode({ type: 'LogIdentified', data: { logId: randomId() } }, eventId, {
    $correlationId: commandId,
    $causationId: commandId,
    commandId,
    actor: 'system',
    appVersion,
    occurredAt: new Date().toISOString(),
  });
}

/** The name in force is the last one: a restore adds another. */
async function readLogId(store: EventStore): Promise<string | null> {
  for await (const stored of store.readStream(logStream, { direction: 'backwards', limit: 1 })) {
    const { event } = decode(stored);
    if (event.type === 'LogIdentified') return event.data.logId;
    throw new Corrupt(`The last event of ${logStream} is a ${event.type}; it has to be the log's name.`);
  }
  return null;
}

/**
 * Reads the log's name, and gives it one if it has none. Any number of processes may do so at once: all get the same.
 * @throws Unavailable, Corrupt, and what the codec throws
 */
export async function identifyLog(store: EventStore, appVersion: string): Promise<string> {
  const known = await readLogId(store);
  if (known !== null) return known;
  const event = logNamed(randomUUID(), appVersion);
  try {
    await store.append(logStream, [event], 'no-stream');
  } catch (error) {
    // Written or not, what stands in the log decides.
    if (!(error instanceof OutcomeUnknown)) throw error;
  }
  const chosen = await readLogId(store);
  if (chosen === null) throw new Unavailable('Whether the log was given a name is not known yet.');
  return chosen;
}
