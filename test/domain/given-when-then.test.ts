import { describe, expect, it } from 'vitest';
import { type Decider, decided, nothing, refused } from '../../src/domain/decider.js';
import { given } from './given-when-then.js';

type Event = { type: 'Counted'; data: { by: number; at?: Date } };
const counter: Decider<number, { by: number }, Event, { code: 'too-many'; limit: number }> = {
  category: 'counter',
  initialState: 0,
  evolve: (sum, event) => sum + event.data.by,
  decide: ({ by }, sum) => {
    if (by === 0) return nothing;
    if (sum + by > 5) return refused({ code: 'too-many', limit: 5 });
    return decided<Event>({ type: 'Counted', data: { by } }, { type: 'Counted', data: { by: 0 } });
  },
};
const counted = (by: number): Event => ({ type: 'Counted', data: { by } });

describe('given/when/then', () => {
  it('holds when exactly this follows', () => {
    given(counter, [counted(1)])
      .when({ by: 2 })
      .thenEvents(counted(2), counted(0));
    given(counter).when({ by: 0 }).thenNothing();
    given(counter, [counted(4)])
      .when({ by: 2 })
      .thenRefused({ code: 'too-many', limit: 5 });
  });

  it('fails on another order, another value, an event too many or too few, and a member too many', () => {
    const outcome = () => given(counter).when({ by: 2 });
    expect(() => outcome().thenEvents(counted(0), counted(2))).toThrow();
    expect(() => outcome().thenEvents(counted(2), counted(1))).toThrow();
    expect(() => outcome().thenEvents(counted(2))).toThrow();
    expect(() => outcome().thenEvents(counted(2), counted(0), counted(0))).toThrow();
    expect(() => outcome().thenEvents({ type: 'Counted', data: { by: 2, at: new Date(0) } }, counted(0))).toThrow();
    expect(() => outcome().thenNothing()).toThrow();
    expect(() => outcome().thenRefused({ code: 'too-many', limit: 5 })).toThrow();
  });

  it('fails on another refusal, and where events were expected of a refusal', () => {
    const outcome = () => given(counter, [counted(4)]).when({ by: 2 });
    expect(() => outcome().thenRefused({ code: 'too-many', limit: 4 })).toThrow();
    expect(() => outcome().thenEvents(counted(2), counted(0))).toThrow();
    expect(() => outcome().thenNothing()).toThrow();
  });

  it('tells dates apart', () => {
    const dated: typeof counter = {
      ...counter,
      decide: () => decided<Event>({ type: 'Counted', data: { by: 1, at: new Date(1) } }),
    };
    expect(() =>
      given(dated)
        .when({ by: 1 })
        .thenEvents({ type: 'Counted', data: { by: 1, at: new Date(2) } }),
    ).toThrow();
  });
});
