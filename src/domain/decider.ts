// What every aggregate shares: the shape of a decision, and nothing of any aggregate.

import type { z } from 'zod';

/** The union of an aggregate's events, from the schemas that its codec uses. */
export type EventOf<Schemas extends Record<string, z.ZodType>> = {
  [Type in keyof Schemas]: { readonly type: Type; readonly data: z.infer<Schemas[Type]> };
}[keyof Schemas];

/** What a decision says: these events, or a refusal. Never an exception: those are for broken infrastructure. */
export type Decision<Event, Refusal> =
  | { readonly outcome: 'decided'; readonly events: readonly Event[] }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/** An aggregate: pure, total, deterministic. Time and ids come in with the command. */
export interface Decider<State, Command, Event, Refusal> {
  /** The stream's name is `{category}-{id}`. */
  readonly category: string;
  readonly initialState: State;
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (command: Command, state: State) => Decision<Event, Refusal>;
}

/** The command is granted, and these events say so. */
export const decided = <Event>(...events: Event[]) => ({ outcome: 'decided', events }) as const;

/** The command is refused for good, for this reason. */
export const refused = <Refusal>(refusal: Refusal) => ({ outcome: 'refused', refusal }) as const;

/** The command has been here before, or came late: nothing to add. */
export const nothing = { outcome: 'decided', events: [] } as const;

/** The end of an exhaustive switch. Throws, because the compiler has shown that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`not a member of the union: ${JSON.stringify(value)}`);
}
