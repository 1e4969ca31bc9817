// The table of the work rows: who may claim which, and what a process whose lease was taken can still do to them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresCheckpoints } from '../../../src/adapters/postgres/checkpoints.js';
import { derivedId } from '../../../src/commands/event-identity.js';
import { checkpointName } from '../../../src/commands/process-manager/runner-ports.js';
import type { DeadlineRow, Work, WorkItem } from '../../../src/commands/process-manager/work.js';
import type { Lease } from '../../../src/domain/log/checkpoint.js';
import { Fenced } from '../../../src/domain/log/errors.js';
import { eventually } from '../../support/condition.js';
import { type Fulfilment, startFulfilment } from '../../support/fulfilment.js';

const orderId = '01985c5e-0000-7000-8000-000000000001';
const room = new Map([
  ['order', 10],
  ['gateway', 10],
]);
const long = 60_000;

let platform: Fulfilment;
let work: Work;
let lease: Lease;
beforeEach(async () => {
  platform = await startFulfilment();
  ({ work } = platform);
  lease = await take('first');
});
afterEach(() => platform.close());

/** Takes the lease, whoever holds it. */
async function take(holder: string): Promise<Lease> {
  await platform.database.query('UPDATE checkpoints SET lease_until = clock_timestamp()');
  const readers = [{ name: checkpointName, version: 1 }];
  const result = await postgresCheckpoints(platform.database).acquire({ readers, logId: 'test', holder, ttlMs: long });
  if (result.outcome === 'held') throw new Error('The lease was to be free.');
  return result.lease;
}

const item = (position: number, lane = 'gateway-1'): WorkItem => ({
  id: derivedId(orderId, lane, position),
  kind: 'reaction',
  orderId,
  lane,
  what: `what follows event ${position}`,
  trigger: { stream: 'payment-1', revision: position, position: BigInt(position) },
});
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
const claim = (by = lease, running: readonly string[] = [], claimFor = long) => work.claim(by, room, claimFor, running);
const now = { dueIn: 0 };

describe('a row that is due', () => {
  it('is claimed by one', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => item(index, `order-${index}`));
    for (const row of rows) await work.defer(lease, row, now, 'later');
    const claims = (await Promise.all(Array.from({ length: 4 }, () => claim()))).flat();
    expect(claims).toHaveLength(20);
    expect(new Set(idsOf(claims)).size).toBe(20);
    expect(await claim()).toEqual([]);
  });

  it('is claimed again when its claim has lapsed, unless it is still being worked on', async () => {
    await work.defer(lease, item(1), now, 'later');
    expect(await claim(lease, [], 1)).toMatchObject([{ attempts: 1 }]);
    await eventually(async () => expect(await claim(lease, [item(1).id], 1)).toEqual([]));
    expect(await eventually(async () => (await claim()).at(0))).toMatchObject({ id: item(1).id, attempts: 2 });
  });

  it('is taken over at once from a process whose lease was taken', async () => {
    await work.defer(lease, item(1), { claimedFor: long }, 'It takes long.');
    expect(await claim()).toEqual([]);
    expect(idsOf(await claim(await take('second')))).toEqual([item(1).id]);
  });

  it('leaves room to every sort of work', async () => {
    for (let index = 0; index < 15; index += 1) await work.defer(lease, item(index, `gateway-${index}`), now, 'later');
    await work.defer(lease, item(99, 'order-1'), now, 'later');
    const claimed = await claim();
    expect(claimed.filter(({ lane }) => lane.startsWith('gateway-'))).toHaveLength(10);
    expect(idsOf(claimed)).toContain(item(99, 'order-1').id);
  });
});

describe('what comes behind a row that waits', () => {
  it('waits behind it, in order, and wakes it', async () => {
    await work.defer(lease, item(1), { dueIn: long }, 'It is pending.');
    expect(await claim()).toEqual([]);
    await work.defer(lease, item(3), 'behind', 'Another comes first.');
    await work.defer(lease, item(2), 'behind', 'Another comes first.');
    for (const position of [1, 2, 3]) {
      expect(idsOf(await claim())).toEqual([item(position).id]);
      expect(await claim()).toEqual([]);
      await work.settle(lease, item(position).id);
    }
    expect(await claim()).toEqual([]);
  });

  it('does not wait for another lane, nor a deadline for anything', async () => {
    await work.defer(lease, item(1), { dueIn: long }, 'It is pending.');
    await work.defer(lease, item(2, 'gateway-2'), now, 'later');
    const dueAt = new Date(0).toISOString();
    const deadline: DeadlineRow = { ...item(5), id: derivedId(orderId, 'deadline'), kind: 'deadline', dueAt };
    await work.save(lease, null, null, [deadline], []);
    expect(new Set(idsOf(await claim()))).toEqual(new Set([item(2, 'gateway-2').id, deadline.id]));
  });
});

describe('a process whose lease was taken', () => {
  const place = { position: 7n, eventId: derivedId(orderId, 'event') };
  const deadline: DeadlineRow = { ...item(4), kind: 'deadline', dueAt: new Date().toISOString() };

  it('saves nothing, writes no row and claims none', async () => {
    await work.defer(lease, item(1), now, 'later');
    const zombie = lease;
    await take('second');
    await expect(work.save(zombie, null, place, [deadline], [item(1).id])).rejects.toThrow(Fenced);
    await expect(work.defer(zombie, item(2), now, 'later')).rejects.toThrow(Fenced);
    await expect(work.defer(zombie, item(2), 'behind', 'later')).rejects.toThrow(Fenced);
    expect(await claim(zombie)).toEqual([]);
    expect(idsOf(await work.ofOrder(orderId))).toEqual([item(1).id]);
    const checkpoint = (await postgresCheckpoints(platform.database).read([checkpointName])).get(checkpointName);
    expect(checkpoint?.place).toBeNull();
  });

  it('neither removes nor puts off a row that its successor has claimed', async () => {
    await work.defer(lease, item(1), now, 'later');
    const zombie = lease;
    await claim();
    const successor = await take('second');
    expect(await claim(successor)).toHaveLength(1);
    await work.settle(zombie, item(1).id);
    await work.postpone(zombie, item(1).id, long, 'It failed.');
    expect(await work.ofOrder(orderId)).toMatchObject([{ id: item(1).id, lastError: 'later' }]);
    await work.settle(successor, item(1).id);
    expect(await work.ofOrder(orderId)).toEqual([]);
  });
});
