// Tests of deciders read like the rule: given these events, when this command comes, then exactly this follows, in this order.

import { expect } from 'vitest';
import type { Decider } from '../../src/domain/decider.js';

/** The state that a history leaves. */
export const stateAfter = <State, Command, Event, Refusal>(
  { initialState, evolve }: Decider<State, Command, Event, Refusal>,
  history: readonly Event[],
): State => history.reduce(evolve, initialState);

/** Begins a sentence: the history, then `when(command)`, then what follows. */
export function given<State, Command, Event, Refusal>(
  decider: Decider<State, Command, Event, Refusal>,
  history: readonly Event[] = [],
) {
  return {
    when(command: Command) {
      const decision = decider.decide(command, stateAfter(decider, history));
      return {
        /** Exactly these events, in this order, member for member. */
        thenEvents(...events: Event[]) {
          expect(decision).toStrictEqual({ outcome: 'decided', events });
        },
        /** A repeat, or late: granted, and nothing is added. */
        thenNothing() {
          expect(decision).toStrictEqual({ outcome: 'decided', events: [] });
        },
        /** Exactly this refusal. */
        thenRefused(refusal: Refusal) {
          expect(decision).toStrictEqual({ outcome: 'refused', refusal });
        },
      };
    },
  };
}
