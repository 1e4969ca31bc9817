// What the walk over every pair of state and input goes through, and what docs/domain.md is made of: each status as it stands between two
// writes, reached by commands, and each command with the facts that it is tried with.

import type { Decider } from '../../../src/domain/decider.js';

/** A command's members without its type; of a union, member by member. */
export type Members<C> = C extends unknown ? Omit<C, 'type'> : never;

/** Every command by its type, with the facts it is tried with. The key says what is special about them; `-`: nothing is. */
export type Inputs<C extends { readonly type: string }> = {
  readonly [T in C['type']]: Readonly<Record<string, Members<Extract<C, { type: T }>>>>;
};

/** Every status with its flags, each reached by commands. A status without any only passes: it never stands at the end of a write. */
export type Standings<Status extends string, C> = {
  readonly [S in Status]: Readonly<Record<string, readonly C[]>>;
};

export interface Cases<State, C extends { readonly type: string }, Event, Refusal, Status extends string> {
  readonly decider: Decider<State, C, Event, Refusal>;
  readonly inputs: Inputs<C>;
  readonly standings: Standings<Status, C>;
}

/** A state to be tried, and how it came about. */
export interface Standing<State, Event> {
  readonly name: string;
  readonly status: string;
  readonly history: readonly Event[];
  readonly state: State;
}

export interface Input<C> {
  readonly name: string;
  readonly command: C;
}

/** What is not special needs no word. */
const named = (name: string, special: string) => (special === '-' ? name : `${name} ${special}`);

/** The history that commands make. @throws if one of them appends nothing: then it leads nowhere. */
export function reach<State, C extends { readonly type: string }, Event, Refusal>(
  { initialState, evolve, decide }: Decider<State, C, Event, Refusal>,
  commands: readonly C[],
): { history: readonly Event[]; state: State } {
  let state = initialState;
  const history: Event[] = [];
  for (const command of commands) {
    const decision = decide(command, state);
    if (decision.outcome === 'refused' || decision.events.length === 0)
      throw new Error(`${command.type} appends nothing here: ${JSON.stringify(decision)}`);
    history.push(...decision.events);
    state = decision.events.reduce(evolve, state);
  }
  return { history, state };
}

export const standingsOf = <State, C extends { readonly type: string }, Event, Refusal, Status extends string>({
  decider,
  standings,
}: Cases<State, C, Event, Refusal, Status>): readonly Standing<State, Event>[] =>
  Object.entries<Readonly<Record<string, readonly C[]>>>(standings).flatMap(([status, ways]) =>
    Object.entries(ways).map(([special, commands]) => ({ name: named(status, special), status, ...reach(decider, commands) })),
  );

export const inputsOf = <C extends { readonly type: string }>(inputs: Inputs<C>): readonly Input<C>[] =>
  Object.entries<Readonly<Record<string, object>>>(inputs).flatMap(([type, variations]) =>
    // Type and members were parted by `Inputs`, which knows that they belong together.
    Object.entries(variations).map(([special, facts]) => ({
      name: named(type, special),
      command: { type, ...facts } as unknown as C,
    })),
  );

/** Makes ways that lead on from one state to another, by the names of the inputs. */
export function waysBy<C extends { readonly type: string }>(inputs: Inputs<C>) {
  const commands = new Map(inputsOf(inputs).map(({ name, command }) => [name, command]));
  return (from: readonly C[], ...names: readonly string[]): readonly C[] => [
    ...from,
    ...names.map((name) => {
      const command = commands.get(name);
      if (command === undefined) throw new Error(`There is no input ${name}.`);
      return command;
    }),
  ];
}
