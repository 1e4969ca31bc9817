// The process manager of the model: the real reactors and the real sense of time over the log in memory, delivered to in one of two ways.
// In order is what the runner does: the log's order, a lane at a time, and after a crash again from some place before the first event that
// was not answered. Wild is what nothing does: any event at any time, again and again, everything side by side.

import { fulfilmentReactor } from '../../src/commands/process-manager/fulfilment-reactor.js';
import { gatewayWorker } from '../../src/commands/process-manager/gateway-worker.js';
import type { Reactor, Timekeeper } from '../../src/commands/process-manager/reactor.js';
import { reservationWorker } from '../../src/commands/process-manager/reservation-worker.js';
import { timekeeper } from '../../src/commands/process-manager/timekeeper.js';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { concernsFulfilment } from '../../src/domain/fulfilment/fulfilment.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import { policy } from '../support/policy.js';
import { createEngine } from './engine.js';
import type { Ledger } from './gateway.js';
import type { Circumstances, Streams } from './streams.js';

export type Schedule = 'in order' | 'wild';

const day = 24 * 3_600_000;

interface Deadline {
  readonly what: string;
  readonly recorded: Recorded<DomainEvent>;
}

export type ProcessManager = ReturnType<typeof createProcessManager>;

export function createProcessManager(schedule: Schedule, circumstances: Circumstances, streams: Streams, ledger: Ledger) {
  const { chance, happened } = circumstances;
  const engine = createEngine(circumstances);
  /** Rows: they outlive a process. */
  const deadlines = new Map<string, Deadline>();
  const everSet: Deadline[] = [];
  /** The deadlines that have passed, each as `order what`. */
  const passed = new Set<string>();

  /** How far the process manager lags behind the log, which differs from run to run. */
  const lag = 2 + chance.below(10);

  let process = 0;
  let workers: { readonly reactors: readonly Reactor[]; readonly time: Timekeeper };
  function begin(): void {
    const turn = engine.turnOf(process);
    const handler = streams.handlerFor(turn);
    const gateway = gatewayWorker(handler, ledger.portFor(turn), () => circumstances.now);
    const reservations = reservationWorker(handler, streams.storeFor(turn), async () => ['main', 'north']);
    workers = {
      reactors: [fulfilmentReactor(handler, policy), gateway.react, reservations],
      time: timekeeper(handler, gateway.lookUp, policy),
    };
  }
  begin();

  function deliver(recorded: Recorded<DomainEvent>, attempt: number): void {
    if (!concernsFulfilment(recorded.stream)) return;
    const { set, cleared } = workers.time.note(recorded);
    for (const id of cleared) deadlines.delete(id);
    for (const { id, what } of set) {
      deadlines.set(id, { what, recorded });
      everSet.push({ what, recorded });
    }
    for (const reaction of workers.reactors.flatMap((reactor) => reactor(recorded)))
      engine.submit(recorded, reaction, attempt, schedule === 'wild' ? null : reaction.lane);
  }

  // In order: the place in the log, and where the part ends that a predecessor may have answered.
  let place = 0;
  let history = 0;
  // Wild: what is to be delivered, and how much of the log has been queued for that.
  const pending: { readonly recorded: Recorded<DomainEvent>; readonly attempt: number }[] = [];
  let queued = 0;

  function deliverInOrder(): boolean {
    const recorded = streams.log[place];
    if (recorded === undefined) return false;
    place += 1;
    deliver(recorded, place <= history ? 2 : 1);
    return true;
  }

  function deliverWild(): boolean {
    for (const recorded of streams.log.slice(queued)) pending.push({ recorded, attempt: 1 });
    queued = streams.log.length;
    const index = chance.below(pending.length);
    const [next] = pending.splice(index, 1);
    if (next === undefined) return false;
    if (!circumstances.calm && chance.oneIn(4)) {
      pending.push({ recorded: next.recorded, attempt: 2 });
      happened('an event was delivered again');
    }
    deliver(next.recorded, next.attempt);
    return true;
  }

  const deliverNext = schedule === 'wild' ? deliverWild : deliverInOrder;

  function pass({ what, recorded }: Deadline): void {
    const reaction = workers.time.due(what, recorded);
    if (reaction === null) throw new Error(`${what} is no deadline of ${recorded.event.type}`);
    happened(`${what.split('/')[0]} passed`);
    passed.add(`${recorded.metadata.$correlationId} ${what}`);
    engine.submit(recorded, reaction, 1, null);
  }

  function take(id: string): void {
    const deadline = deadlines.get(id);
    deadlines.delete(id);
    if (deadline !== undefined) pass(deadline);
  }

  return {
    passed: passed as ReadonlySet<string>,
    /** One step on: an event is delivered, a reaction begun, or a call let through. False if there is nothing to do. */
    step: async (): Promise<boolean> => {
      circumstances.now += 20_000;
      if (chance.oneIn(lag) && deliverNext()) return true;
      return (await engine.step()) || deliverNext();
    },
    /** A deadline that stands passes. */
    passDeadline: (): void => {
      const id = chance.pick([...deadlines.keys()]);
      if (id !== undefined) take(id);
    },
    /** All the deadlines of an order that stand pass: for a long time nothing else has happened to it. */
    passAllDeadlines: (orderId: string): void => {
      for (const [id, { recorded }] of [...deadlines]) if (recorded.metadata.$correlationId === orderId) take(id);
    },
    /** A claim on a row may be old: any deadline that ever stood passes. */
    passStaleDeadline: (): void => {
      const deadline = chance.pick(everSet);
      if (deadline !== undefined) pass(deadline);
    },
    aDayPasses: async (): Promise<void> => {
      await engine.settleCalls();
      circumstances.now += day;
      circumstances.changes += 1;
    },
    get deadlinesLeft(): number {
      return deadlines.size;
    },
    /** The process dies, and another one begins at or before the first event that was not answered. */
    crash: (): void => {
      if (schedule === 'wild') return;
      const answered = engine.unfinished.reduce((least, { recorded }) => Math.min(least, Number(recorded.position) - 1), place);
      const zombie = chance.oneIn(2);
      engine.giveUp(process, zombie);
      happened(zombie ? 'a process lost its lease, and its calls went through' : 'a process died');
      process += 1;
      history = Math.max(history, place);
      place = chance.oneIn(2) ? answered : chance.below(answered + 1);
      begin();
    },
  };
}
