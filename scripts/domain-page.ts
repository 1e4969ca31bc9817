// Writes docs/domain.md: the state machines of order, payment and reservation and their deadlines, as the code decides them.
//
//   npm run docs:domain

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DomainEvent } from '../src/domain/event-catalogue.js';
import { deadlinesOf, onDue } from '../src/domain/fulfilment/deadlines.js';
import type { Order } from '../src/domain/order/order.js';
import { type Cases, inputsOf, type Standing, standingsOf } from '../test/domain/walk/cases.js';
import { followsFrom, policy } from '../test/domain/walk/follows.js';
import { orderCases } from '../test/domain/walk/order-cases.js';
import { paymentCases } from '../test/domain/walk/payment-cases.js';
import { reservationCases } from '../test/domain/walk/reservation-cases.js';

/** What one input does in one state, in words. */
type Outcome =
  | { readonly kind: 'moves'; readonly appends: string; readonly to: string; readonly follows: string }
  | { readonly kind: 'raises'; readonly code: string; readonly follows: string }
  | { readonly kind: 'refuses'; readonly code: string }
  | { readonly kind: 'nothing' };

type State = Standing<unknown, unknown>;

interface Pair {
  readonly input: string;
  readonly standing: State;
  readonly outcome: Outcome;
}

interface Machine<State> {
  /** What there is to see of a state: its status, and flags in words. */
  readonly seen: (state: State) => Readonly<Record<string, string>>;
  /** The order's state that the process manager looks at after the write. */
  readonly order: (state: State) => Order;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const code = (text: string) => `\`${text}\``;
const list = (texts: readonly string[], between = '<br>') => texts.map(code).join(between);

/** What has changed, in words: the new status, then what else is new. */
function change(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string {
  const { status = '', ...rest } = after;
  const others = Object.entries(rest).flatMap(([name, value]) => (before[name] === value || value === '' ? [] : [value]));
  return [status === before.status ? 'kept' : status, ...others].join(', ');
}

/** Every pair of state and input. Of a command's inputs only those that make a difference in a state are kept there. */
function pairsOf<
  State,
  C extends { readonly type: string },
  Event extends DomainEvent,
  Refusal extends { readonly code: string },
  Status extends string,
>(cases: Cases<State, C, Event, Refusal, Status>, { seen, order }: Machine<State>): readonly Pair[] {
  const { decide, evolve } = cases.decider;
  const outcomeOf = (command: C, state: State): Outcome => {
    const decision = decide(command, state);
    if (decision.outcome === 'refused') return { kind: 'refuses', code: decision.refusal.code };
    const [first] = decision.events;
    if (first === undefined) return { kind: 'nothing' };
    const after = decision.events.reduce(evolve, state);
    const follows = list([...new Set(decision.events.flatMap((event) => followsFrom(event, order(after))))]) || '-';
    if (first.type === 'OrderAttentionRaised') return { kind: 'raises', code: first.data.code, follows };
    const appends = list(
      decision.events.map(({ type }) => type),
      ' +<br>',
    );
    return { kind: 'moves', appends, to: change(seen(state), seen(after)), follows };
  };
  return standingsOf(cases).flatMap((standing) => {
    const usual = new Map<string, string>();
    return inputsOf(cases.inputs).flatMap(({ name: input, command }) => {
      const outcome = outcomeOf(command, standing.state);
      const words = JSON.stringify(outcome);
      if (usual.get(command.type) === words) return [];
      if (!usual.has(command.type)) usual.set(command.type, words);
      return [{ input, standing, outcome }];
    });
  });
}

function grouped<T>(values: readonly T[], key: (value: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

/** The states by status: a status alone stands for all its states, else those are told by what is special about them. */
function byStatus(states: readonly State[], all: readonly State[], between: string): string {
  return grouped(states, ({ status }) => status)
    .map((group) => {
      const status = group[0]?.status ?? '';
      const whole = all.filter((one) => one.status === status).length;
      if (group.length === whole) return whole === 1 ? code(group[0]?.name ?? status) : `${code(status)} (all)`;
      const special = group.map(({ name }) => name.slice(status.length).trim() || 'plainly');
      return `${code(status)} (${special.join('; ')})`;
    })
    .join(between);
}

/** The same, by what is left out where that is less. */
function named(states: readonly State[], all: readonly State[], between: string): string {
  const others = all.filter((one) => !states.includes(one));
  return others.length < states.length / 2 ? `all but ${byStatus(others, all, between)}` : byStatus(states, all, between);
}

const ofKind = <K extends Outcome['kind']>(pairs: readonly Pair[], kind: K) =>
  pairs.flatMap(({ outcome, ...pair }) =>
    outcome.kind === kind ? [{ ...pair, outcome: outcome as Extract<Outcome, { kind: K }> }] : [],
  );

function section(title: string, intro: string, pairs: readonly Pair[]): string {
  const all = [...new Set(pairs.map(({ standing }) => standing))];
  const within = (group: readonly Pair[]) => group.map(({ standing }) => standing);
  const moves = grouped(ofKind(pairs, 'moves'), ({ standing, input, outcome }) =>
    JSON.stringify([standing.status, input, outcome]),
  );
  const moved = moves.flatMap((group) =>
    group.slice(0, 1).map(({ input, outcome: { appends, to, follows } }) => {
      return [byStatus(within(group), all, '<br>'), code(input), appends, to, follows];
    }),
  );

  /** What ends alike, by input, and then the inputs that do so in the same states. */
  function ends(kind: 'raises' | 'refuses') {
    const byInput = grouped(ofKind(pairs, kind), ({ input, outcome }) => JSON.stringify([input, outcome])).map((group) => ({
      input: code(group[0]?.input ?? ''),
      ended: group[0]?.outcome,
      states: named(within(group), all, ', '),
    }));
    return grouped(byInput, ({ ended, states }) => JSON.stringify([ended, states])).map((group) => ({
      inputs: group.map(({ input }) => input).join(', '),
      ended: group[0]?.ended,
      states: group[0]?.states ?? '',
    }));
  }
  const raised = ends('raises').map(({ inputs, ended, states }) => {
    return [inputs, code(ended?.code ?? ''), states, ended !== undefined && 'follows' in ended ? ended.follows : '-'];
  });
  const refused = ends('refuses').map(({ inputs, ended, states }) => [code(ended?.code ?? ''), inputs, states]);
  const attention = [
    '### Attention\n\nThese append `OrderAttentionRaised` with the code; the status is kept.',
    table(['input', 'code', 'in', 'what follows'], raised),
  ];
  return [
    `## ${title}\n\n${intro}`,
    table(['from', 'input', 'appends', 'to', 'what follows'], moved),
    ...(raised.length === 0 ? [] : attention),
    '### Refused',
    table(['code', 'input', 'in'], refused),
    'All other pairs append nothing: what comes is a repeat, or late.',
  ].join('\n\n');
}

/** The deadlines, from all events that lead anywhere in the order's life. */
function deadlines(): string {
  const events = standingsOf(orderCases).flatMap(({ history }) => history);
  const byType = [...new Map(events.map((event) => [event.type, event])).values()];
  const rows = byType.flatMap((event) =>
    deadlinesOf(event).set.map(({ deadline, dueAt }) => {
      const times: readonly (readonly [string, unknown])[] = Object.entries(event.data).filter(([name]) =>
        /(At|By|Before)$/.test(name),
      );
      const exact = times.find(([, value]) => value === dueAt)?.[0];
      const [near = '', value] = times.find(([, value]) => typeof value === 'string') ?? [];
      const hours = (Date.parse(String(value)) - Date.parse(dueAt)) / 3_600_000;
      const kind = deadline.replace(/\/.*/, '');
      const clearing = byType.filter((one) => deadlinesOf(one).cleared.some((other) => other.replace(/\/.*/, '') === kind));
      const due = onDue(deadline, dueAt, policy);
      return [
        code(kind),
        code(event.type),
        exact === undefined ? `${hours} h before ${code(near)}` : code(exact),
        list(clearing.map(({ type }) => type)) || '-',
        due.to === 'gateway'
          ? 'a look at the gateway'
          : code([due.command.type, ...('what' in due.command ? [due.command.what] : [])].join(' ')),
      ];
    }),
  );
  return `## Deadlines\n\n${table(['deadline', 'set by', 'due', 'cleared by', 'then'], rows)}`;
}

const intro = `# The state machines

How an order, its payment and its reservation move, pair by pair of state and input. This page is made from the code by
\`npm run docs:domain\`, and a test holds it against the code; what the tables should say is written down, by hand, in
\`test/domain/walk/\`.

- **Input** is a command: a caller's (\`CancelOrder\`), or the process manager's, which records what it has heard (\`RecordPaymentAuthorized\`).
- **Appends**: the events of one write, joined by "+".
- **What follows**: the commands that the process manager sends for those events. What the workers ask of the gateway and of the stock
  streams stands in \`src/commands/process-manager/\`.
- **c** means cancelling: a flag beside the status, on the way to CANCELLED, by the customer or by the system (a payment timeout, a
  shortage, an expired reservation, a failed capture). A capture that was under way settles what the system gave up, and the order is
  confirmed; the customer's word stands, and the money is refunded.
- **Nothing**: a command that is a repeat, or late, is granted and appends no event. What should be impossible is never passed over: the
  order raises **attention**, and a person has to look.
- "plainly" means without any of the flags.`;

/** The whole page. */
export function domainPage(): string {
  const orders = pairsOf(orderCases, {
    seen: ({ status, cancelling, voided }) => ({
      status: code(status),
      c: cancelling !== null ? `c by the ${cancelling.by}` : status === 'CONFIRMED' ? 'not c' : '',
      voided: voided && status === 'INVENTORY_RESERVED' ? 'voided' : '',
    }),
    order: (state) => state,
  });
  const theOrder =
    standingsOf(orderCases).find(({ name }) => name === 'INVENTORY_RESERVED')?.state ?? orderCases.decider.initialState;
  const payments = pairsOf(paymentCases, {
    seen: ({ status, voidWaiting }) => ({ status: code(status), void: voidWaiting ? 'a void waits' : '' }),
    order: () => theOrder,
  });
  const reservations = pairsOf(reservationCases, { seen: ({ status }) => ({ status: code(status) }), order: () => theOrder });
  return `${[
    intro,
    section('The order', 'The arbiter between cancel, ship and confirm.', orders),
    section(
      'The payment',
      'The arbiter between capture and void. What it refuses as `payment-state` should be impossible: whoever asked raises attention on the order.',
      payments,
    ),
    section(
      'The reservation',
      'It makes the whole of what the stock streams give one by one. What it refuses should be impossible too.',
      reservations,
    ),
    deadlines(),
  ].join('\n\n')}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(import.meta.dirname, '../docs/domain.md'), domainPage());
