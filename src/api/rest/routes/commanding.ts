// What routes of commands share: the context of a command, and what its outcome means to the caller.

import type { CommandContext, Mismatch, Outcome } from '../../../commands/command.js';
import type { Decider } from '../../../domain/decider.js';
import type { DomainEvent } from '../../../domain/event-catalogue.js';
import type { CommandInput } from '../command-route.js';
import { traceparent } from '../headers.js';
import { laterProblem, Problem } from '../problem.js';
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

const mismatched = ({ revision }: Mismatch): Problem =>
  new Problem(
    'revision-mismatch',
    revision < 0
      ? 'There is none yet, and If-Match expects one.'
      : `It is at revision ${revision}, which is not what was expected.`,
  );

/**
 * What was decided. @throws Problem for a refusal, 412 at a revision that the caller does not expect, or 503 when it could not be done now
 */
export function decidedOr<State, Event>(outcome: Outcome<State, Event, Refusal> | Mismatch): Decided<State, Event> {
  if (outcome.outcome === 'mismatch') throw mismatched(outcome);
  if (outcome.outcome === 'refused') throw refusalProblem(outcome.refusal);
  if (outcome.outcome === 'unavailable') throw laterProblem('dependency-unavailable', outcome.reason);
  return outcome;
}

/** Sends a command to what it changes, at the revision that its caller expects, if any. @throws Problem */
export async function decideOn<State, Command, Event extends DomainEvent, Denied extends Refusal>(
  { expected }: Pick<CommandInput<unknown, unknown>, 'expected'>,
  { handler }: Pick<Services, 'handler'>,
  decider: Decider<State, Command, Event, Denied>,
  id: string,
  command: Command,
  context: CommandContext,
): Promise<Decided<State, Event>> {
  return decidedOr<State, Event>(
    expected === undefined
      ? await handler.handle(decider, id, command, context)
      : await handler.handleAt(expected, decider, id, command, context),
  );
}

/** Whether a command wrote the first event of its stream. */
export const began = ({ events, revision }: Decided<unknown, unknown>): boolean =>
  events.length > 0 && revision === events.length - 1;
