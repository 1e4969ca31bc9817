// The write side of the platform in one process, for tests: commands, the process manager with its workers, and the payment simulator, on an
// event store and a database of their own. No API and no read models.

import { v7 as uuid7 } from 'uuid';
import { createPaymentSimulator, type SimulatorOptions } from '../../src/adapters/payments/simulator/simulator.js';
import { createStripeGateway } from '../../src/adapters/payments/stripe-gateway.js';
import { checkpointMigrations, postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { type Database, openPostgres } from '../../src/adapters/postgres/database.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { postgresWork, workMigrations } from '../../src/adapters/postgres/work-rows.js';
import type { CommandContext } from '../../src/commands/command.js';
import { type CommandHandler, createCommandHandler } from '../../src/commands/command-handler.js';
import type { PaymentGateway } from '../../src/commands/payment-gateway.js';
import { placeOrder } from '../../src/commands/place-order.js';
import { raiseAttention } from '../../src/commands/process-manager/dispatch.js';
import { fulfilmentReactor } from '../../src/commands/process-manager/fulfilment-reactor.js';
import { gatewayWorker } from '../../src/commands/process-manager/gateway-worker.js';
import { reservationWorker } from '../../src/commands/process-manager/reservation-worker.js';
import { type Runner, startRunner } from '../../src/commands/process-manager/runner.js';
import { checkpointName, type RunnerDependencies } from '../../src/commands/process-manager/runner-ports.js';
import { timekeeper } from '../../src/commands/process-manager/timekeeper.js';
import type { Waits } from '../../src/commands/process-manager/waits.js';
import type { Work } from '../../src/commands/process-manager/work.js';
import type { FulfilmentPolicy } from '../../src/domain/fulfilment/fulfilment.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import { type Order, type OrderCommand, type OrderStatus, order } from '../../src/domain/order/order.js';
import { stock } from '../../src/domain/stock/stock.js';
import { later } from '../../src/domain/values.js';
import { eventually } from './condition.js';
import { freshDatabase } from './database.js';
import { collect, freshEventStore } from './event-store.js';
import { policy } from './policy.js';

/** As the platform's, but that what waits is tried again in fractions of a second. */
export const quickWaits: Waits = { hold: 300, retry: [50, 500], pending: [50, 500], claim: 20_000 };

const hour = 3_600_000;
const quiet = { info() {}, warn() {}, error() {} };

/** A payment intent in the simulator's books. */
export interface LedgerLine {
  readonly intentId: string;
  readonly status: string;
  /** A bank has granted it at some time. */
  readonly charged: boolean;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly refunds: readonly { readonly id: string; readonly status: string; readonly amount: number }[];
}

export interface Fulfilment {
  readonly store: EventStore;
  readonly handler: CommandHandler;
  readonly gateway: PaymentGateway;
  readonly database: Database;
  readonly work: Work;
  /** Where the payment simulator answers. */
  readonly simulatorUrl: string;
  /** Calls to the store's append so far. */
  readonly appends: () => number;
  /** Starts the process manager, with parts exchanged as the test wants. It is stopped at the end. */
  run(
    over?: Partial<RunnerDependencies> & {
      readonly handler?: CommandHandler;
      readonly gateway?: PaymentGateway;
      readonly policy?: Partial<FulfilmentPolicy>;
      /** What the ages of keys are told by. */
      readonly now?: () => number;
      /** It is killed by the test, so that nothing would come of stopping it. */
      readonly doomed?: boolean;
    },
  ): Runner;
  receive(sku: string, quantity: number): Promise<void>;
  place(lines: readonly { sku: string; quantity: number }[], method?: string): Promise<string>;
  /** Sends the order a command as a customer or a person of the house does. Answers whether it was granted. */
  tell(orderId: string, command: OrderCommand): Promise<boolean>;
  cancel(orderId: string): Promise<boolean>;
  ship(orderId: string): Promise<boolean>;
  /** The same customers and house, with a command handler of another process. */
  as(handler: CommandHandler): Pick<Fulfilment, 'tell' | 'cancel' | 'ship'>;
  /** The order as its stream has it now. */
  orderOf(orderId: string): Promise<Order>;
  /** Waits until the order is in this status, by its stream. */
  reaches(orderId: string, status: OrderStatus): Promise<void>;
  typesOf(stream: string): Promise<string[]>;
  /** What the gateway's own books say. */
  ledger(): Promise<{ captured: number; held: number }>;
  /** What the gateway's own books say of one order's payment intents. */
  intentsOf(orderId: string): Promise<readonly LedgerLine[]>;
  close(): Promise<void>;
}

const context = (correlationId?: string): CommandContext => {
  const commandId = uuid7();
  return { commandId, correlationId: correlationId ?? commandId, actor: 'test', at: new Date().toISOString() };
};

export async function startFulfilment(options: { readonly simulator?: SimulatorOptions } = {}): Promise<Fulfilment> {
  const events = await freshEventStore();
  let appended = 0;
  const store: EventStore = {
    ...events,
    append: (...call) => {
      appended += 1;
      return events.append(...call);
    },
  };
  const migrations = [...checkpointMigrations, ...workMigrations];
  const template = { name: 'process_manager', prepare: async (url: string) => void (await migrate(url, migrations)) };
  const { url, drop } = await freshDatabase(template);
  const database = openPostgres({ url, poolSize: 4 });
  const simulator = await createPaymentSimulator(options.simulator);
  const gateway = createStripeGateway({ apiKey: 'sk_test_panglot', apiBase: simulator.url });
  const handler = createCommandHandler(store);
  const work = postgresWork(database, checkpointName);
  const runners: Runner[] = [];
  let started = 0;

  const orderOf = async (orderId: string) => (await handler.load(order, orderId, 'head')).state;

  const as = (handler: CommandHandler): Pick<Fulfilment, 'tell' | 'cancel' | 'ship'> => {
    const tell = async (orderId: string, command: OrderCommand) => {
      const { outcome } = await handler.handle(order, orderId, command, context(orderId));
      if (outcome === 'unavailable') throw new Error(`${command.type} was not decided.`);
      return outcome === 'decided';
    };
    const from = (milliseconds: number) => later(new Date().toISOString(), milliseconds);
    return {
      tell,
      cancel: (orderId) => tell(orderId, { type: 'CancelOrder', note: null, attentionAt: from(policy.attentionAfter) }),
      ship: (orderId) =>
        tell(orderId, { type: 'ShipOrder', carrier: null, trackingNumber: null, deliverBy: from(policy.deliverWithin) }),
    };
  };

  return {
    store,
    handler,
    gateway,
    database,
    work,
    simulatorUrl: simulator.url,
    appends: () => appended,
    run: ({
      handler: over = handler,
      gateway: otherGateway = gateway,
      policy: otherPolicy,
      now,
      doomed = false,
      ...dependencies
    } = {}) => {
      started += 1;
      const chosen = { ...policy, ...otherPolicy };
      const payments = gatewayWorker(over, otherGateway, now);
      const runner = startRunner({
        store,
        checkpoints: postgresCheckpoints(database),
        work,
        logId: 'test',
        verify: async () => {},
        reactors: [
          fulfilmentReactor(over, chosen),
          payments.react,
          reservationWorker(over, dependencies.store ?? store, async () => ['main']),
        ],
        timekeeper: timekeeper(over, payments.lookUp, chosen),
        raise: (recorded, code, detail) => raiseAttention(over, recorded, code, detail),
        waits: quickWaits,
        pollEveryMilliseconds: 50,
        holder: `test-${started}`,
        log: quiet,
        ...dependencies,
      });
      if (!doomed) runners.push(runner);
      return runner;
    },
    receive: async (sku, quantity) => {
      const commandId = uuid7();
      const command = { type: 'ReceiveStock', commandId, warehouse: 'main', quantity, unitCost: null, currency: null } as const;
      await handler.handle(stock, sku, command, context());
    },
    place: async (lines, method = 'pm_card_visa') => {
      const request = {
        reference: null,
        customerId: 'c',
        currency: 'GBP',
        placedAt: null,
        paymentMethod: method,
        lines: lines.map((line) => ({ ...line, description: 'D', unitPrice: 100 })),
      };
      return (await placeOrder(handler, request, { ...context(), principal: 'test', orderId: uuid7() })).orderId;
    },
    ...as(handler),
    as,
    orderOf,
    reaches: async (orderId, status) => void (await eventually(async () => (await orderOf(orderId)).status === status)),
    typesOf: async (stream) => (await collect(store.readStream(stream))).map(({ type }) => type),
    ledger: async () => {
      const answer = await fetch(`${simulator.url}/ledger/summary`);
      const { currencies } = (await answer.json()) as { currencies: Record<string, { captured: number; held: number }> };
      return currencies.GBP ?? { captured: 0, held: 0 };
    },
    intentsOf: async (orderId) => {
      const lines = (await (await fetch(`${simulator.url}/ledger`)).text()).split('\n').filter((line) => line.includes(orderId));
      return lines.map((line) => JSON.parse(line) as LedgerLine);
    },
    close: async () => {
      await Promise.all(runners.map((runner) => runner.stop(hour)));
      gateway.close();
      await simulator.close();
      await database.close();
      await drop();
      await events.close();
    },
  };
}
