// A command that waits before a stream, and what is decided of it until its batch is in the log.

import type { AllowedRevisions, CommandContext, Outcome } from './command.js';

export interface Waiting<State, Command, Event, Refusal> {
  readonly command: Command;
  readonly context: CommandContext;
  readonly expectation?: { readonly expected: AllowedRevisions; readonly mismatch: (revision: number) => void };
  readonly answer: (outcome: Outcome<State, Event, Refusal>) => void;
  readonly fail: (error: unknown) => void;
}

export interface Answered<State, Command, Event, Refusal> {
  readonly waiting: Waiting<State, Command, Event, Refusal>;
  readonly decision:
    | { readonly refusal: Refusal }
    | { readonly mismatch: number }
    | { readonly events: readonly Event[]; readonly revision: number };
  readonly state: State;
}

/** Whether a command that expects this may be decided at the revision. */
export const allows = (expected: AllowedRevisions, revision: number): boolean =>
  expected === 'exists' ? revision >= 0 : expected.includes(revision);
