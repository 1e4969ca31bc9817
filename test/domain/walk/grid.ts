// A grid of expectations, and the walk that holds an aggregate against it: a line an input, a group of letters a status, a letter for each
// way in which the status stands. The letters are the design's tables in short; a test that uses the grid says what they mean.

import { describe, expect, it } from 'vitest';
import { type Cases, inputsOf, type Standing, standingsOf } from './cases.js';

/** What one letter means: refused with this code, or these events (none of them: `nothing`) and what then differs in what is seen of the state. */
export type Meaning =
  | { readonly refused: string }
  | { readonly appends: readonly string[]; readonly next?: Readonly<Record<string, unknown>> };

interface Walk<State> {
  /** Lines `name of the input   letters of each status`; names and groups are parted by two spaces or more, and one. */
  readonly grid: string;
  readonly letters: Readonly<Record<string, Meaning>>;
  /** What the walk looks at in a state. */
  readonly seen: (state: State) => Readonly<Record<string, unknown>>;
}

const groupBy = <T>(values: readonly T[], key: (value: T) => string) => {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
};

/** Each input's letters, one for each standing. @throws if a line does not fit the standings: a state would be missing. */
function parse<State, Event>(grid: string, standings: readonly Standing<State, Event>[]) {
  const widths = [...groupBy(standings, ({ status }) => status).values()].map(({ length }) => length);
  const lines = grid.split('\n').filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line) => {
      const [name = '', letters = ''] = line.trim().split(/\s{2,}/);
      const groups = letters.split(' ');
      expect([name, ...groups.map(({ length }) => length)]).toEqual([name, ...widths]);
      return [name, [...groups.join('')]] as const;
    }),
  );
}

/** An event by its type, an attention by its code too. */
const label = ({ type, data }: { readonly type: string; readonly data: object }) =>
  'code' in data && type === 'OrderAttentionRaised' ? `${type} ${data.code}` : type;

/** Tries every input in every state. */
export function walksEveryPair<
  State,
  C extends { readonly type: string },
  Event extends { readonly type: string; readonly data: object },
  Refusal extends { readonly code: string },
  Status extends string,
>(name: string, cases: Cases<State, C, Event, Refusal, Status>, { grid, letters, seen }: Walk<State>) {
  const { decider } = cases;
  const standings = standingsOf(cases);
  const inputs = inputsOf(cases.inputs);
  const expected = parse(grid, standings);

  const outcomeOf = (command: C, state: State) => {
    const decision = decider.decide(command, state);
    if (decision.outcome === 'refused') return { refused: decision.refusal.code };
    return { appends: decision.events.map(label), next: seen(decision.events.reduce(decider.evolve, state)) };
  };
  const meant = (letter: string, state: State) => {
    const meaning = letters[letter];
    if (meaning === undefined) throw new Error(`No one says what ${letter} means.`);
    return 'refused' in meaning ? meaning : { appends: meaning.appends, next: { ...seen(state), ...meaning.next } };
  };

  describe(name, () => {
    it('has a line for every input', () => expect([...expected.keys()]).toEqual(inputs.map((input) => input.name)));
    it('has a letter for nothing that is not said', () =>
      expect(Object.keys(letters).sort()).toEqual([...new Set([...expected.values()].flat())].sort()));
    it.each(standings)('stands in the status that it is listed under: $name', ({ status, state }) =>
      expect(seen(state)).toMatchObject({ status }),
    );
    it.each(inputs)('answers as the design says: $name', ({ name, command }) => {
      const answers = standings.map(({ name, state }) => ({ in: name, ...outcomeOf(command, state) }));
      expect(answers).toEqual(
        standings.map(({ name: standing, state }, index) => ({ in: standing, ...meant(expected.get(name)?.[index] ?? '', state) })),
      );
    });
    it('never rests in a status that only passes', () => {
      const resting = new Set(standings.map(({ status }) => status));
      for (const { command } of inputs)
        for (const { state } of standings) {
          const outcome = outcomeOf(command, state);
          if ('next' in outcome) expect(resting).toContain(outcome.next.status);
        }
    });
  });
}
