// One order that is cancelled by its customer while the process manager stands at a chosen point of it, and the house tries to ship it:
// the steps of all three in a given order.

import { expect } from 'vitest';
import { postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import type { Runner } from '../../src/commands/process-manager/runner.js';
import { eventually } from '../support/condition.js';
import { type Fulfilment, startFulfilment } from '../support/fulfilment.js';
import { expectRightEnd } from './ends-right.js';
import { type Gate, Gates } from './gates.js';
import { watched } from './ports.js';

/** Each is two steps: the first brings it up to its effect, the second lets the effect be and the answer come. */
export type Step = 'manager' | 'customer' | 'house';

/** The money's and the order's end, in words. */
export type End = 'shipped' | 'cancelled, never charged' | 'cancelled, voided' | 'cancelled, refunded';

interface Actor {
  step(): Promise<void>;
}

/** A process manager, a customer and a house, each a process of its own. */
export class RaceTrack {
  readonly #platform: Fulfilment;
  readonly #gates = new Gates();
  readonly #runner: Runner;
  #orders = 0;

  private constructor(platform: Fulfilment) {
    this.#platform = platform;
    const checkpoints = postgresCheckpoints(platform.database);
    const ports = watched({ store: platform.store, gateway: platform.gateway, checkpoints, work: platform.work }, this.#gates);
    this.#runner = platform.run({ ...ports, handler: createCommandHandler(ports.store) });
  }

  static async open(): Promise<RaceTrack> {
    return new RaceTrack(await startFulfilment());
  }

  close(): Promise<void> {
    return this.#platform.close();
  }

  /** `point`: the call at which the manager is held; `null` holds it nowhere, once the order is confirmed. */
  async run(point: string | null, steps: readonly Step[]): Promise<End> {
    const platform = this.#platform;
    this.#orders += 1;
    const sku = `SKU-${this.#orders}`;
    await platform.receive(sku, 10);
    const [before, after] = ['before', 'after'].map((when) => (point === null ? null : this.#gates.hold(`${point}, ${when}`)));
    const orderId = await platform.place([{ sku, quantity: 3 }]);
    if (point === null) await platform.reaches(orderId, 'CONFIRMED');
    else await before?.reached();

    const granted = { customer: false, house: false };
    const actors: Record<Step, Actor> = {
      manager: managerOf(before, after),
      customer: this.#commander(['OrderCancellationRequested', 'OrderCancelled'], async (platform) => {
        granted.customer = await platform.cancel(orderId);
      }),
      house: this.#commander(['OrderShipped'], async (platform) => {
        granted.house = await platform.ship(orderId);
      }),
    };
    for (const step of steps) await actors[step].step();

    expect([granted.customer, granted.house], 'either cancelled or shipped').toContain(false);
    const status = granted.house ? 'SHIPPED' : 'CANCELLED';
    await platform.reaches(orderId, status);
    if (granted.house)
      await eventually(async () => (await platform.typesOf(`reservation-${orderId}`)).at(-1) === 'InventoryShipped');
    await eventually(() => this.#runner.status().outstanding === 0);
    const end = await expectRightEnd(platform, orderId, new Map([[sku, 10]]));
    expect([end.status, end.reason]).toEqual([status, granted.customer ? 'CUSTOMER_REQUEST' : null]);
    return endOf(end.status, end.payment);
  }

  /** Sends a command from a process of its own, whose append is held until the second step. A refusal has no second step. */
  #commander(types: readonly string[], send: (platform: Pick<Fulfilment, 'cancel' | 'ship'>) => Promise<void>): Actor {
    const gates = new Gates();
    const held = types.map((type) => gates.hold(`append ${type}, before`));
    const { store, gateway, database, work } = this.#platform;
    const ports = watched({ store, gateway, checkpoints: postgresCheckpoints(database), work }, gates);
    const own = this.#platform.as(createCommandHandler(ports.store));
    let sent: Promise<void> | null = null;
    let isDone = false;
    return {
      step: async () => {
        if (sent === null) {
          sent = send(own).finally(() => {
            isDone = true;
          });
          sent.catch(() => {});
          await eventually(() => isDone || held.some(({ isReached }) => isReached) || undefined);
          return;
        }
        for (const gate of held) gate.open();
        await sent;
      },
    };
  }
}

/** First the effect, then the answer. */
function managerOf(before: Gate | null | undefined, after: Gate | null | undefined): Actor {
  let steps = 0;
  return {
    step: async () => {
      steps += 1;
      if (steps > 1) return after?.open();
      before?.open();
      await after?.reached();
    },
  };
}

function endOf(status: string, payment: readonly string[]): End {
  if (status === 'SHIPPED') return 'shipped';
  if (payment.includes('RefundAccepted')) return 'cancelled, refunded';
  return payment.includes('PaymentAuthorized') ? 'cancelled, voided' : 'cancelled, never charged';
}
