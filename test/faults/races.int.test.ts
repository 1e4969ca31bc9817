// The customer cancels while the process manager authorises, reserves, captures or confirms, and the house ships: at each point in both
// orders, and in many random ones.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type End, RaceTrack, type Step } from './race.js';
import { interleaved, seeded } from './random.js';
import { table } from './table.js';

const randomRaces = 16;
const seed = Number(process.env.RACE_SEED ?? 20260101);

let tracks: RaceTrack[];
const rows: (string | number)[][] = [];
const ends: readonly End[] = ['shipped', 'cancelled, never charged', 'cancelled, voided', 'cancelled, refunded'];
beforeAll(async () => {
  tracks = await Promise.all(Array.from({ length: 4 }, () => RaceTrack.open()));
});
afterAll(async () => {
  await Promise.all(tracks.map((track) => track.close()));
  console.log(`seed ${seed}${table(['the customer cancels at', 'races', ...ends], rows)}`);
});

const manager: readonly Step[] = ['manager', 'manager'];
const customer: readonly Step[] = ['customer', 'customer'];
const house: readonly Step[] = ['house', 'house'];

/** Runs the races, spread over the tracks, and counts how they end. */
async function run(point: string | null, races: readonly (readonly Step[])[]): Promise<ReadonlyMap<End, number>> {
  const counts = new Map<End, number>();
  const left = [...races];
  const worker = async (track: RaceTrack) => {
    for (let steps = left.shift(); steps !== undefined; steps = left.shift()) {
      const order = steps.join(', ');
      const end = await track.run(point, steps).catch((cause: unknown) => {
        left.length = 0;
        throw new Error(`At ${point}, in the order ${order}: ${cause instanceof Error ? cause.message : cause}`, { cause });
      });
      counts.set(end, (counts.get(end) ?? 0) + 1);
    }
  };
  await Promise.all(tracks.map(worker));
  rows.push([point ?? 'CONFIRMED', races.length, ...ends.map((end) => counts.get(end) ?? 0)]);
  return counts;
}

const points = [
  'append OrderPaymentRequested',
  'append PaymentRequested',
  'gateway create',
  'append GatewayPaymentCreated',
  'gateway confirm',
  'append PaymentAuthorized',
  'append OrderPaymentAuthorized',
  'append InventoryReservationRequested',
  'append StockReserved',
  'append InventoryReserved',
  'append OrderInventoryReserved',
  'append PaymentCaptureRequested',
  'gateway capture',
  'append PaymentCaptured',
  'append OrderPaymentCaptured + OrderConfirmed',
];

describe('the customer cancels: the end is cancelled with nothing held or kept, or shipped and the cancellation refused', () => {
  it.each(points.map((point, index) => ({ point, index })))('at $point', { timeout: 120_000 }, async ({ point, index }) => {
    const random = seeded(seed + index);
    const bothOrders = [
      [...customer, ...manager, ...house],
      [...manager, ...customer, ...house],
    ];
    const randomOrders = Array.from({ length: randomRaces }, () => interleaved([manager, customer, house], random));
    const counts = await run(point, [...bothOrders, ...randomOrders]);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(randomRaces + 2);
  });

  it('when the order is confirmed and the house ships it', { timeout: 120_000 }, async () => {
    const random = seeded(seed + points.length);
    const bothOrders = [
      [...customer, ...house],
      [...house, ...customer],
    ];
    const randomOrders = Array.from({ length: randomRaces }, () => interleaved([customer, house], random));
    const counts = await run(null, [...bothOrders, ...randomOrders]);
    expect(counts.get('shipped')).toBeGreaterThan(0);
    expect(counts.get('cancelled, refunded')).toBeGreaterThan(0);
  });
});
