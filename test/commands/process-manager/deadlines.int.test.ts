// Deadlines of the process manager: when they fire, by whose clock, and which of them ever reach the table.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresCheckpoints } from '../../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../../src/commands/command-handler.js';
import type { DeadlineRow } from '../../../src/commands/process-manager/work.js';
import { setClockOff } from '../../faults/clock.js';
import { Fuse } from '../../faults/fuse.js';
import { Gates } from '../../faults/gates.js';
import { type Watcher, watched } from '../../faults/ports.js';
import { eventually } from '../../support/condition.js';
import { type Fulfilment, quickWaits, startFulfilment } from '../../support/fulfilment.js';

const day = 86_400_000;
/** A customer who has to be asked, and does not answer. */
const unanswered = 'pm_card_authenticationRequired';

let platform: Fulfilment;
let resetClock: () => void;
beforeEach(async () => {
  resetClock = () => {};
  platform = await startFulfilment();
  await platform.receive('A', 10);
});
afterEach(async () => {
  resetClock();
  await platform.close();
});

const place = (method?: string) => platform.place([{ sku: 'A', quantity: 3 }], method);
const timeoutOf = async (orderId: string) => (await platform.work.ofOrder(orderId)).find(({ what }) => what === 'payment-timeout');
const makeDue = () => platform.database.query('UPDATE process_manager_work SET due_at = clock_timestamp() WHERE is_deadline');
const expireLease = () => platform.database.query('UPDATE checkpoints SET lease_until = clock_timestamp()');

/** A process whose calls are watched, with caches of its own. */
function runWatched(watcher: Watcher, over: Parameters<Fulfilment['run']>[0] = {}) {
  const { store, gateway, database, work } = platform;
  const ports = watched({ store, gateway, checkpoints: postgresCheckpoints(database), work }, watcher);
  return platform.run({ ...ports, handler: createCommandHandler(ports.store), ...over });
}

/** Counts the looks for rows that a process has begun. */
function counting(watcher: Watcher): Watcher & { readonly looks: number } {
  let looks = 0;
  return {
    before: (call) => {
      if (call.name === 'rows claim') looks += 1;
      return watcher.before(call);
    },
    after: (call) => watcher.after(call),
    get looks() {
      return looks;
    },
  };
}

describe('a deadline', () => {
  /** An order whose payment has been authorised, of which the order has not heard, and whose time is over meanwhile. */
  async function overdue(): Promise<string> {
    const fuse = new Fuse();
    fuse.arm('append PaymentAuthorized, after', 'kill');
    const saved = new Gates();
    const confirm = saved.hold('gateway confirm, before');
    const both: Watcher = {
      before: async (call) => {
        await saved.before(call);
        await fuse.before(call);
      },
      after: (call) => fuse.after(call),
      gone: fuse.gone,
    };
    runWatched(both, { doomed: true });
    const orderId = await place();
    await eventually(() => timeoutOf(orderId));
    confirm.open();
    await eventually(() => fuse.isBlown);
    await makeDue();
    await expireLease();
    return orderId;
  }

  it.each(['follow PaymentAuthorized, before', 'append OrderPaymentAuthorized, before'])(
    'never fires before what happened until the start is known and answered: held at "%s"',
    async (point) => {
      const orderId = await overdue();
      const gates = new Gates();
      const held = gates.hold(point);
      const watcher = counting(gates);
      runWatched(watcher, { waits: { ...quickWaits, hold: 60_000 } });
      await held.reached();
      expect(watcher.looks).toBe(0);
      held.open();
      await platform.reaches(orderId, 'CONFIRMED');
      expect(await platform.typesOf(`order-${orderId}`)).not.toContain('OrderCancellationRequested');
    },
  );

  it('that is set and cleared between two saves never reaches the table', async () => {
    const saved: DeadlineRow[] = [];
    const runner = platform.run({
      saveEveryMilliseconds: 60_000,
      leaseMilliseconds: 300_000,
      work: {
        ...platform.work,
        save: (lease, from, to, set, cleared) => {
          saved.push(...set);
          return platform.work.save(lease, from, to, set, cleared);
        },
      },
    });
    const orderId = await place();
    await platform.reaches(orderId, 'CONFIRMED');
    await eventually(() => runner.status().outstanding === 0);
    await runner.stop(10_000);
    expect(saved.map(({ what }) => what)).toEqual(['ship-overdue']);
    expect((await platform.work.ofOrder(orderId)).map(({ what }) => what)).toEqual(['ship-overdue']);
  });

  it('survives the death of its process, and fires once', async () => {
    const fuse = new Fuse();
    runWatched(fuse, { doomed: true, leaseMilliseconds: 60_000 });
    const orderId = await place(unanswered);
    await eventually(() => timeoutOf(orderId));
    fuse.kill();
    await makeDue();
    await expireLease();
    const second = runWatched(new Gates());
    await platform.reaches(orderId, 'CANCELLED');
    await eventually(async () => (await platform.work.ofOrder(orderId)).length === 0);
    await second.stop(10_000);
    const third = runWatched(new Gates());
    await eventually(() => third.status().state === 'running' && third.status().outstanding === 0);
    const types = await platform.typesOf(`order-${orderId}`);
    expect(types.filter((type) => type === 'OrderCancellationRequested')).toHaveLength(1);
    expect((await platform.orderOf(orderId)).attention).toEqual([]);
  });

  it("fires by the database's clock, whatever the process's own says", async () => {
    const watcher = counting(new Gates());
    runWatched(watcher, { policy: { paymentTimeout: 3_600_000 } });
    const orderId = await place(unanswered);
    await eventually(() => timeoutOf(orderId));

    resetClock = setClockOff(day);
    const looks = watcher.looks;
    await eventually(() => watcher.looks > looks + 3);
    expect((await platform.orderOf(orderId)).status).toBe('PENDING_PAYMENT');
    expect(await timeoutOf(orderId)).toMatchObject({ attempts: 0 });
    resetClock();

    resetClock = setClockOff(-day);
    await makeDue();
    await platform.reaches(orderId, 'CANCELLED');
    expect((await platform.orderOf(orderId)).cancelled?.reason).toBe('PAYMENT_TIMEOUT');
  });
});
