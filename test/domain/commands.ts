// Random commands of every aggregate, and histories that their own decisions make. Ids and facts are few, so that commands meet.

import fc from 'fast-check';
import type { Decider } from '../../src/domain/decider.js';
import type { OrderCommand } from '../../src/domain/order/order.js';
import type { PaymentCommand } from '../../src/domain/payment/payment.js';
import type { ProductCommand } from '../../src/domain/product/product.js';
import type { ReservationCommand } from '../../src/domain/reservation/reservation.js';
import type { StockCommand } from '../../src/domain/stock/stock.js';
import type { WarehouseCommand } from '../../src/domain/warehouse/warehouse.js';
import type { Members, Standings } from './walk/cases.js';

const instant = fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:15:00.000Z');
const few = <const T>(...values: [T, ...T[]]) => fc.constantFrom(...values);
const orderId = few(
  '01985c5e-0000-7000-8000-000000000001',
  '01985c5e-0000-7000-8000-000000000002',
  '01985c5e-0000-7000-8000-000000000003',
);
const commandId = few(
  '01985c5e-0000-7000-8000-00000000000a',
  '01985c5e-0000-7000-8000-00000000000b',
  '01985c5e-0000-7000-8000-00000000000c',
);
/** Enough of them that stock moves, few enough that they come again. */
const stockCommandId = fc.integer({ min: 10, max: 29 }).map((n) => `01985c5e-0000-7000-8000-0000000000${n}`);
// The ids of the ways to every state, which histories begin with.
const paymentId = fc.constant('01985c5e-0000-5000-8000-000000000002');
const refundId = few('01985c5e-0000-5000-8000-000000000003', '01985c5e-0000-5000-8000-000000000004');
const quantity = fc.integer({ min: 1, max: 9 });
const warehouseId = few('main', 'north');
const shortages = fc.constant([{ sku: 'A', requested: 3, available: 1 }]);
const allocations = fc.constant([{ sku: 'A', warehouse: 'main', quantity: 3 }]);
const failure = { code: few('card_declined', 'expired'), message: fc.constant('No.') };

type Commands<C extends { type: string }> = { [T in C['type']]: fc.Arbitrary<Members<Extract<C, { type: T }>>> };
const anyOf = <C extends { type: string }>(commands: Commands<C>): fc.Arbitrary<C> =>
  fc.oneof(
    ...Object.entries(commands).map(([type, members]) =>
      (members as fc.Arbitrary<object>).map((rest) => ({ type, ...rest }) as unknown as C),
    ),
  );

export const orderCommands = anyOf<OrderCommand>({
  CreateOrder: fc.record({
    order: fc.record({
      orderId,
      principal: fc.constant('anonymous'),
      reference: fc.constant(null),
      requestHash: few('h1', 'h2'),
      customerId: fc.constant('c'),
      currency: fc.constant('GBP'),
      placedAt: instant,
      paymentMethod: fc.constant('pm_card_visa'),
      lines: fc.array(
        fc.record({ line: quantity, sku: few('A', 'B'), description: fc.constant(null), quantity, unitPrice: fc.nat(500) }),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    }),
  }),
  StartOrder: fc.record({ paymentId, timeoutAt: instant }),
  CancelOrder: fc.record({ note: few('x', 'y', null), attentionAt: instant }),
  TimeOutPayment: fc.record({ attentionAt: instant }),
  RecordPaymentAuthorized: fc.record({ paymentId, captureBefore: fc.option(instant) }),
  RecordPaymentFailed: fc.record({ paymentId, ...failure }),
  RecordPaymentVoided: fc.record({ paymentId, expired: fc.boolean() }),
  RecordPaymentCaptured: fc.record({ paymentId, amount: quantity, shipBy: instant }),
  RecordCaptureFailed: fc.record({ ...failure, attentionAt: instant }),
  RecordRefundAccepted: fc.record({ paymentId, refundId, amount: quantity }),
  RecordRefundFailed: fc.record({ refundId, ...failure }),
  RecordInventoryReserved: fc.record({ allocations, expiresAt: instant }),
  RecordReservationFailed: fc.record({ shortages, attentionAt: instant }),
  ExpireReservation: fc.record({ attentionAt: instant }),
  RecordInventoryReleased: fc.constant({}),
  ShipOrder: fc.record({ carrier: few('DPD', null), trackingNumber: few('1', null), deliverBy: instant }),
  DeliverOrder: fc.constant({}),
  ReturnOrder: fc.record({
    returnId: commandId,
    refundId,
    reason: few('too small', null),
    lines: fc.array(fc.record({ line: quantity, quantity, condition: few('RESALABLE', 'DAMAGED') }), {
      minLength: 1,
      maxLength: 2,
    }),
    attentionAt: instant,
  }),
  NoticeOverdue: fc.record({
    what: few('shipping', 'delivery', 'cancellation', 'capture', 'return-refund'),
    subject: fc.option(refundId),
  }),
  RaiseAttention: fc.record({ code: few('a', 'b'), detail: fc.constant('d'), subject: few('x', null) }),
  ClearAttention: fc.record({ note: few('x', 'y') }),
});
export const paymentCommands = anyOf<PaymentCommand>({
  RequestPayment: fc.record({
    paymentId,
    orderId,
    amount: quantity,
    currency: fc.constant('GBP'),
    method: fc.constant('pm_card_visa'),
  }),
  RecordGatewayPayment: fc.record({ gateway: fc.constant('stripe'), intentId: few('pi_1', 'pi_2') }),
  RecordAuthorization: fc.record({ amount: quantity, captureBefore: fc.option(instant) }),
  RecordPaymentFailure: fc.record(failure),
  RequestCapture: fc.constant({}),
  RecordCapture: fc.record({ amount: quantity }),
  RecordCaptureFailure: fc.record(failure),
  RequestVoid: fc.constant({}),
  RecordVoid: fc.record({ expired: fc.boolean() }),
  RequestRefund: fc.record({ refundId, amount: quantity }),
  RecordRefund: fc.oneof(
    fc.record({ refundId, outcome: few('accepted', 'succeeded'), gatewayRefundId: few('re_1', 're_2') }),
    fc.record({ refundId, outcome: fc.constant('failed' as const), ...failure }),
  ),
  RenewAttempt: fc.record({
    operation: fc.oneof(
      fc.record({ of: few('request', 'capture', 'void') }),
      fc.record({ of: fc.constant('refund' as const), refundId }),
    ),
    failed: fc.integer({ min: 1, max: 2 }),
  }),
});
export const reservationCommands = anyOf<ReservationCommand>({
  RequestReservation: fc.record({ orderId, items: fc.constant([{ sku: 'A', quantity: 3 }]) }),
  RecordReserved: fc.record({ allocations }),
  RecordShortage: fc.record({ shortages }),
  RequestRelease: fc.record({ orderId }),
  RecordReleased: fc.constant({}),
  RecordShipped: fc.constant({}),
});
export const stockCommands = anyOf<StockCommand>({
  ReceiveStock: fc.record({
    commandId: stockCommandId,
    warehouse: warehouseId,
    quantity,
    unitCost: fc.constant(null),
    currency: fc.constant(null),
  }),
  AdjustStock: fc.record({
    commandId: stockCommandId,
    warehouse: warehouseId,
    quantity: fc.integer({ min: -9, max: 9 }).filter((n) => n !== 0),
    reason: fc.constant('stock-take'),
  }),
  SellItem: fc.record({ commandId: stockCommandId, warehouse: warehouseId, quantity }),
  ReturnStock: fc.record({
    commandId: stockCommandId,
    returnId: fc.constant('01985c5e-0000-5000-8000-000000000008'),
    orderId,
    warehouse: warehouseId,
    quantity,
    condition: few('RESALABLE', 'DAMAGED'),
  }),
  ReserveStock: fc.record({
    orderId,
    requestedAt: few('1', '2'),
    quantity,
    priority: few<string[]>([], ['main'], ['north', 'main']),
  }),
  ReleaseStock: fc.record({ orderId, requestedAt: few('1', '2') }),
  ShipStock: fc.record({ orderId, requestedAt: few('1', '2') }),
});
const price = fc.record({ currency: few('GBP', 'EUR'), amount: quantity });
export const productCommands = anyOf<ProductCommand>({
  PutProduct: fc.record({
    sku: fc.constant('A'),
    description: few('x', 'y'),
    prices: fc.uniqueArray(price, { selector: (p) => p.currency }),
  }),
});
export const warehouseCommands = anyOf<WarehouseCommand>({
  PutWarehouse: fc.record({ warehouse: warehouseId, name: few('x', 'y'), region: few('UK', null), priority: quantity }),
});

/** Runs the commands one after another, and calls back after each with what it decided and the states around it. */
export function live<State, Command, Event, Refusal>(
  { initialState, decide, evolve }: Decider<State, Command, Event, Refusal>,
  commands: readonly Command[],
  after: (step: { command: Command; before: State; state: State; events: readonly Event[] }) => void,
) {
  let state = initialState;
  for (const command of commands) {
    const decision = decide(command, state);
    const events = decision.outcome === 'decided' ? decision.events : [];
    const before = state;
    state = events.reduce(evolve, state);
    after({ command, before, state, events });
  }
}

/** Random commands after a way that leads to any of the states: what comes late in an order's life is met as often as what comes first. */
export const histories = <C>(
  command: fc.Arbitrary<C>,
  ways: Standings<string, C> = { NONE: { '-': [] } },
): fc.Arbitrary<readonly C[]> =>
  fc
    .tuple(fc.constantFrom(...Object.values(ways).flatMap((way) => Object.values(way))), fc.array(command, { maxLength: 40 }))
    .map(([way, then]) => [...way, ...then]);
