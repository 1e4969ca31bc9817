// The ids of a command and of all that it makes. They hang on the command's id alone, so that a command which runs again after a crash
// makes the same things again.

import { derivedId } from '../../commands/event-identity.js';

export interface CommandIds {
  /** The same in every run of the command. A UUIDv7. */
  readonly commandId: string;
  /** Of this run alone; equal to the command's id in the first. */
  readonly runId: string;
  /** The id of something that the command makes: the same for the same word in every run of it. A UUIDv7. */
  readonly idOf: (what: string) => string;
}

/** Where the random bits of a UUIDv7 begin, less the version's digit; before that stands the time. */
const timeLength = 'xxxxxxxx-xxxx'.length;

/** The ids of a command in one of its runs: in its only one, if the run has the command's id. */
export const commandIds = (commandId: string, runId: string): CommandIds => ({
  commandId,
  runId,
  // The command's own time, so that what it makes is in order of time as well, and for the rest as good as random.
  idOf: (what) => `${commandId.slice(0, timeLength)}-7${derivedId(commandId, what).slice(timeLength + 2)}`,
});
