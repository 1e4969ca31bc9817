// One run of the saga: some orders, each with a bank and a customer of its own, driven by the process manager through a time in which
// anything may happen, and then to the end of everything that is under way.

import type { CommandContext } from '../../src/commands/command.js';
import { derivedId } from '../../src/commands/event-identity.js';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import { type OrderCommand, order } from '../../src/domain/order/order.js';
import { payment } from '../../src/domain/payment/payment.js';
import { reservation } from '../../src/domain/reservation/reservation.js';
import { stock } from '../../src/domain/stock/stock.js';
import { later } from '../../src/domain/values.js';
import { chanceFrom } from './chance.js';
import { type Bank, createLedger } from './gateway.js';
import { createProcessManager, type Schedule } from './process-manager.js';
import { allowsCapture, endsRight, holdsWith } from './promises.js';
import { type Circumstances, createStreams } from './streams.js';
import { turnsOf } from './turns.js';

export interface Placed {
  readonly bank: Bank;
  /** How everything stands when the customer changes their mind, as `standingOf` words it; `null`: they do not. */
  readonly cancelledWhen: string | null;
  /** How everything stands when one of the order's deadlines passes. */
  readonly overdueWhen: string | null;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface Run {
  readonly schedule: Schedule;
  readonly orders: readonly Placed[];
  readonly opening: ReadonlyMap<string, number>;
  readonly seed: number;
  /** How many steps anything may happen for. */
  readonly steps: number;
  readonly happened: (what: string) => void;
}

const namespace = '01985c5e-0000-5000-8000-00000000ffff';
const orderIdOf = (n: number) => derivedId(namespace, 'order', n);

export async function runSaga({ schedule, orders, opening, seed, steps, happened }: Run) {
  const chance = chanceFrom(seed);
  const circumstances: Circumstances = { chance, now: Date.parse('2026-01-01T00:00:00.000Z'), calm: false, changes: 0, happened };
  const placedById = new Map(orders.map((placed, n) => [orderIdOf(n), placed]));
  const ids = [...placedById.keys()];
  const bankOf = (orderId: string): Bank => {
    const placed = placedById.get(orderId);
    if (placed === undefined) throw new Error(`There is no order ${orderId}.`);
    return placed.bank;
  };
  const streams = createStreams(circumstances, (recorded: Recorded<DomainEvent>) => holdsWith(streams, ledger, recorded));
  const ledger = createLedger(circumstances, bankOf, (intent) => allowsCapture(streams, ledger, intent));
  const manager = createProcessManager(schedule, circumstances, streams, ledger);

  let asked = 0;
  const context = (correlationId: string): CommandContext => {
    asked += 1;
    return { commandId: derivedId(namespace, 'asked', asked), correlationId, actor: 'somebody', at: '' };
  };

  for (const [sku, quantity] of opening)
    streams.send(
      stock,
      sku,
      { type: 'ReceiveStock', commandId: derivedId(namespace, sku), warehouse: 'main', quantity, unitCost: null, currency: null },
      context(namespace),
    );
  for (const [orderId, { lines }] of placedById) {
    const placed: OrderCommand = {
      type: 'CreateOrder',
      order: {
        orderId,
        principal: 'm',
        reference: null,
        requestHash: orderId,
        customerId: 'c',
        currency: 'GBP',
        placedAt: '2026-01-01T00:00:00.000Z',
        paymentMethod: 'pm_card_visa',
        lines: lines.map((line, index) => ({ ...line, line: index + 1, description: null, unitPrice: 100 })),
      },
    };
    streams.send(order, orderId, placed, context(orderId));
  }

  /** Where an order stands, then, after slashes, its payment and its reservation. */
  function standingOf(orderId: string): string {
    const { status, cancelling, paymentId } = streams.load(order, orderId);
    const paid = paymentId === null ? 'NONE' : streams.load(payment, paymentId).status;
    const c = cancelling === null ? '' : ` c by the ${cancelling.by}`;
    return `${status}${c}/${paid}/${streams.load(reservation, orderId).status}`;
  }

  function ask(orderId: string, command: OrderCommand): void {
    const before = standingOf(orderId);
    const outcome = streams.send(order, orderId, command, context(orderId));
    const answer = outcome.outcome === 'refused' ? 'refused' : outcome.events.length === 0 ? 'nothing' : 'done';
    happened(`${command.type} ${answer} in ${before}`);
  }

  const inAnHour = () => later(new Date(circumstances.now).toISOString(), 3_600_000);

  const cancel = (): OrderCommand => ({
    type: 'CancelOrder',
    note: chance.oneIn(2) ? 'changed my mind' : null,
    attentionAt: inAnHour(),
  });
  const ship = (): OrderCommand => ({ type: 'ShipOrder', carrier: 'DPD', trackingNumber: null, deliverBy: inAnHour() });

  /** The time of an order's deadlines comes; that of its authorisation comes at the gateway. */
  function timePasses(orderId: string): void {
    ledger.expire(orderId);
    manager.passAllDeadlines(orderId);
  }

  /** What an order is made for happens once its moment has come, or a little later. */
  function momentsCome(): void {
    for (const [orderId, { cancelledWhen, overdueWhen }] of placedById) {
      const standing = standingOf(orderId);
      if (cancelledWhen !== null && standing.startsWith(cancelledWhen) && chance.oneIn(4)) {
        ask(orderId, cancel());
        if (standing.startsWith('CONFIRMED')) ask(orderId, ship());
      }
      if (overdueWhen !== null && standing.startsWith(overdueWhen) && chance.oneIn(4)) timePasses(orderId);
      if (/^INVENTORY_RESERVED c .*\/VOIDING\/RESERVED$/.test(standing) && chance.oneIn(100)) ledger.captureByHand(orderId);
      // A person who clears attention has seen to what it was about: here, only a refund that failed can be.
      if (streams.load(order, orderId).refundOwed && chance.oneIn(30)) ask(orderId, { type: 'ClearAttention', note: 'seen to' });
    }
  }

  const anyOrder = (): string => chance.pick(ids) ?? namespace;

  /** Somebody asks for something else, at any time. */
  function somebodyAsks(): void {
    const orderId = anyOrder();
    const returnId = derivedId(orderId, 'return', chance.below(3));
    const commands: readonly OrderCommand[] = [
      ship(),
      { type: 'DeliverOrder' },
      {
        type: 'ReturnOrder',
        returnId,
        refundId: derivedId(returnId, 'refund'),
        reason: null,
        lines: [{ line: 1, quantity: 1, condition: chance.oneIn(2) ? 'RESALABLE' : 'DAMAGED' }],
        attentionAt: inAnHour(),
      },
    ];
    const command = chance.pick(commands);
    if (command !== undefined) ask(orderId, command);
  }

  for (let step = 0; step < steps; step += 1) {
    momentsCome();
    const what = chance.below(1000);
    if (what < 50) somebodyAsks();
    else if (what < 110) ledger.answerOne();
    else if (what < 113) timePasses(anyOrder());
    else if (what < 118) manager.passDeadline();
    else if (what < 121) manager.passStaleDeadline();
    else if (what < 125) manager.crash();
    else if (what < 126) await manager.aDayPasses();
    else await manager.step();
  }

  // All that is under way comes to its end: calls, answers, deadlines; and time passes for what only time can help.
  circumstances.calm = true;
  for (let idleDays = 0; idleDays < 2; ) {
    while (await manager.step());
    if (ledger.answerAll()) continue;
    if (manager.deadlinesLeft > 0) manager.passDeadline();
    else {
      await manager.aDayPasses();
      idleDays += 1;
    }
  }
  for (const orderId of ids) {
    endsRight(streams, ledger, bankOf(orderId), orderId);
    for (const turn of turnsOf(streams, orderId)) happened(turn);
  }
  return { ids, streams, ledger, passed: manager.passed };
}
