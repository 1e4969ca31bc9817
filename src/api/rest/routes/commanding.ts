// What routes of commands share: the context of a command, and what its outcome means to the caller.

import type { CommandContext, Outcome } from '../../../commands/command.js';
import type { CommandInput } from '../command-route.js';
import { traceparent } from '../headers.js';
import { laterProblem } from '../problem.js';
import { type Refusal, refusalProblem } from '../refusals.js';
import type { Services } from '../services.js';

/**
 * The context of a command that belongs to an order, or to the request alone. A command whose id its caller has chosen may have run
 * before, as one may that runs again under its Idempotency-Key: such a run is given an id of its own.
 */
export function contextOf(
  input: Pick<CommandInput<unknown, unknown>, 'commandId' | 'runId' | 'principal' | 'headers'>,
  { now }: Services,
  { correlationId = input.commandId, commandId = input.commandId }: { correlationId?: string; commandId?: string } = {},
): CommandContext {
  const { runId, principal, headers } = input;
  const trace = traceparent(headers);
  return {
    commandId,
    correlationId,
    actor: principal,
    at: new Date(now()).toISOString(),
    ...(runId === commandId ? {} : { runId }),
    ...(trace === undefined ? {} : { traceparent: trace }),
  };
}

type Decided<State, Event> = Extract<Outcome<State, Event, never>, { outcome: 'decided' }>;

/** What was decided. @throws Problem for a refusal, or 503 when it could not be done now */
export function decidedOr<State, Event>(outcome: Outcome<State, Event, Refusal>): Decided<State, Event> {
  if (outcome.outcome === 'refused') throw refusalProblem(outcome.refusal);
  if (outcome.outcome === 'unavailable') throw laterProblem('dependency-unavailable', outcome.reason);
  return outcome;
}

/** Whether a command wrote the first event of its stream. */
export const began = ({ events, revision }: Decided<unknown, unknown>): boolean =>
  events.length > 0 && revision === events.length - 1;
