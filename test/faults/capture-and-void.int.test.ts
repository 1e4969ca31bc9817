// Captures and voids that stall, fail or come to nothing: money is never taken without stock, and stock never given back before money.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import { derivedId } from '../../src/commands/event-identity.js';
import { decode } from '../../src/domain/log/codec.js';
import { Unavailable } from '../../src/domain/log/errors.js';
import { payment } from '../../src/domain/payment/payment.js';
import { eventually } from '../support/condition.js';
import { collect, withFaults } from '../support/event-store.js';
import { type Fulfilment, quickWaits, startFulfilment } from '../support/fulfilment.js';
import { expectRightEnd } from './ends-right.js';
import { Gates } from './gates.js';
import { latch, withGatewayFaults } from './gateway-faults.js';
import { watched } from './ports.js';

const week = 7 * 86_400_000;

let platform: Fulfilment;
/** How far the gateway's clock is ahead of ours, in milliseconds. */
let gatewayAhead: number;
/** What befalls the gateway's next captures. */
let captureFault: 'error-not-done' | null;
beforeEach(async () => {
  gatewayAhead = 0;
  captureFault = null;
  platform = await startFulfilment({
    simulator: {
      now: () => Date.now() + gatewayAhead,
      fault: ({ operation }) => (operation === 'capture' ? captureFault : null),
    },
  });
});
afterEach(() => platform.close());

const received = new Map([['A', 10]]);
const three = [{ sku: 'A', quantity: 3 }];
/** A void that cannot be done is soon a matter for a person. */
const impatient = { attentionAfter: 200 };

async function paymentOf(orderId: string): Promise<string> {
  return (await platform.orderOf(orderId)).paymentId ?? '';
}

/** The order's deadline is over now, by the database's clock. */
async function makeDue(orderId: string, what: string): Promise<void> {
  const text = 'UPDATE process_manager_work SET due_at = clock_timestamp() WHERE order_id = $1 AND what = $2';
  await eventually(async () => (await platform.database.query(text, [orderId, what])).rowCount === 1);
}

/** Starts a process whose calls may be held. */
function runHeld(over: Parameters<Fulfilment['run']>[0] = {}): Gates {
  const gates = new Gates();
  const { store, database, work } = platform;
  const gateway = over.gateway ?? platform.gateway;
  const ports = watched({ store, gateway, checkpoints: postgresCheckpoints(database), work }, gates);
  platform.run({ ...over, ...ports, handler: createCommandHandler(ports.store) });
  return gates;
}

describe('a capture that stalls while the reservation expires', () => {
  async function stalled(gates: Gates, at: 'before' | 'after'): Promise<{ orderId: string; open: () => void }> {
    await platform.receive('A', 10);
    const gate = gates.hold(`gateway capture, ${at}`);
    const orderId = await platform.place(three);
    await gate.reached();
    await makeDue(orderId, 'reservation-expiry');
    await eventually(async () => (await platform.orderOf(orderId)).cancelling?.reason === 'RESERVATION_EXPIRED');
    const paymentId = await paymentOf(orderId);
    await eventually(async () => (await platform.typesOf(`payment-${paymentId}`)).at(-1) === 'PaymentVoidRequested');
    return { orderId, open: gate.open };
  }

  it.each(['before', 'after'] as const)('and turns out done confirms the order: held %s its effect', async (at) => {
    const { orderId, open } = await stalled(runHeld(), at);
    open();
    await platform.reaches(orderId, 'CONFIRMED');
    await expectRightEnd(platform, orderId, received);
  });

  it('and turns out not done is voided, and the stock released: never charged without stock', async () => {
    captureFault = 'error-not-done';
    // Older than the time between two keys, by the clock that their ages are told by.
    const { orderId, open } = await stalled(runHeld({ now: () => Date.now() + 10_000 }), 'before');
    open();
    await platform.reaches(orderId, 'CANCELLED');
    const { reason, payment } = await expectRightEnd(platform, orderId, received);
    expect(reason).toBe('RESERVATION_EXPIRED');
    expect(payment.slice(-3)).toEqual(['PaymentVoidRequested', 'PaymentCaptureFailed', 'PaymentVoided']);
  });
});

describe('a payment that waits for its customer', () => {
  /** Between two looks at what is pending lies a minute, so that whatever happens in time does not come from a look. */
  const patient = { ...quickWaits, pending: [60_000, 60_000] as const };

  it('is voided at once when its time is over', async () => {
    await platform.receive('A', 10);
    platform.run({ waits: patient });
    const orderId = await platform.place(three, 'pm_card_authenticationRequired');
    await eventually(async () => (await platform.work.ofOrder(orderId)).some(({ kind }) => kind === 'reaction'));
    await makeDue(orderId, 'payment-timeout');
    await platform.reaches(orderId, 'CANCELLED');
    const { reason, intents } = await expectRightEnd(platform, orderId, received);
    expect(reason).toBe('PAYMENT_TIMEOUT');
    expect(intents).toMatchObject([{ status: 'canceled', charged: false }]);
  });

  it('is voided at once when that is asked for while somebody looks at it, and not only at the next look', async () => {
    await platform.receive('A', 10);
    const waits: { pending: readonly [number, number] } & typeof quickWaits = { ...quickWaits, pending: [50, 50] };
    const gates = runHeld({ waits });
    const look = gates.hold('gateway retrieve, after');
    const orderId = await platform.place(three, 'pm_card_authenticationRequired');
    await look.reached();
    waits.pending = [60_000, 60_000];
    await platform.cancel(orderId);
    const reactions = async () => (await platform.work.ofOrder(orderId)).filter(({ kind }) => kind === 'reaction');
    await eventually(async () => (await reactions()).length === 2);
    look.open();
    await platform.reaches(orderId, 'CANCELLED');
    await expectRightEnd(platform, orderId, received);
  });
});

describe('a void', () => {
  it('that fails for an hour gets a person; once it works the order is cancelled and its stock free, money before stock', async () => {
    await platform.receive('A', 10);
    let isFailing = true;
    const gateway = withGatewayFaults(platform.gateway, {
      cancel: async (request) => {
        if (isFailing) throw new Unavailable('The gateway voids nothing.');
        return platform.gateway.cancel(request);
      },
    });
    platform.run({ gateway, policy: impatient });
    const orderId = await platform.place([{ sku: 'A', quantity: 11 }]);
    await eventually(async () => (await platform.orderOf(orderId)).attention.some(({ code }) => code === 'void-unresolved'));
    expect(await platform.typesOf(`reservation-${orderId}`)).not.toContain('InventoryReleaseRequested');
    isFailing = false;
    await platform.reaches(orderId, 'CANCELLED');
    const { reason } = await expectRightEnd(platform, orderId, received, { attention: ['void-unresolved'] });
    expect(reason).toBe('INSUFFICIENT_STOCK');
  });

  it('follows what was authorised on a cancelled order, and a person is told', async () => {
    await platform.receive('A', 10);
    const orderId = await platform.place(three);
    expect(await platform.cancel(orderId)).toBe(true);
    platform.run();
    // Nobody asks for this payment any more: it is forced.
    const paymentId = derivedId(orderId, 'payment', 1);
    const asked = { paymentId, orderId, amount: 300, currency: 'GBP', method: 'pm_card_visa' };
    const context = {
      commandId: derivedId(orderId, 'forced'),
      correlationId: orderId,
      actor: 'test',
      at: new Date().toISOString(),
    };
    await platform.handler.handle(payment, paymentId, { type: 'RequestPayment', ...asked }, context);
    await eventually(async () => (await platform.handler.load(payment, paymentId, 'head')).state.status === 'VOIDED');
    expect((await platform.orderOf(orderId)).attention).toMatchObject([{ code: 'payment-authorized-after-cancellation' }]);
    expect(await platform.intentsOf(orderId)).toMatchObject([{ status: 'canceled', charged: true, captured: 0 }]);
    await expectRightEnd(platform, orderId, received, { attention: ['payment-authorized-after-cancellation'] });
  });

  it('follows a capture that is declined for good: released and cancelled with CAPTURE_FAILED', async () => {
    await platform.receive('A', 10);
    platform.run();
    const orderId = await platform.place(three, 'pm_sim_capture_fails');
    await platform.reaches(orderId, 'CANCELLED');
    const { reason, reservation } = await expectRightEnd(platform, orderId, received);
    expect(reason).toBe('CAPTURE_FAILED');
    expect(reservation.at(-1)).toBe('InventoryReleased');
  });
});

describe('an authorisation that expires at the gateway', () => {
  it('is recorded as voided once the gateway says so, and the order is released and cancelled', async () => {
    gatewayAhead = 1000 - week;
    await platform.receive('A', 10);
    const held = latch();
    const { store } = platform;
    const stalling = withFaults(store, {
      append: async (stream, ...rest) => {
        if (stream.startsWith('stock-')) await held.opened;
        return store.append(stream, ...rest);
      },
    });
    platform.run({ handler: createCommandHandler(stalling) });
    const orderId = await platform.place(three);
    await platform.reaches(orderId, 'PAYMENT_AUTHORIZED');
    // By our clock its time is over, by the gateway's it is not: nothing is assumed.
    const looks = async () =>
      (await platform.work.ofOrder(orderId)).find(({ what }) => what === 'authorization-expired')?.attempts ?? 0;
    await eventually(async () => (await looks()) > 1);
    const paymentId = await paymentOf(orderId);
    expect((await platform.handler.load(payment, paymentId, 'head')).state.status).toBe('AUTHORIZED');
    gatewayAhead = 1000;
    const voided = await eventually(async () =>
      (await collect(store.readStream(`payment-${paymentId}`))).map(decode).find(({ event }) => event.type === 'PaymentVoided'),
    );
    expect(voided.event.data).toMatchObject({ expired: true });
    held.open();
    await platform.reaches(orderId, 'CANCELLED');
    const attention = ['authorization-expiring'];
    const end = await expectRightEnd(platform, orderId, received, { attention });
    expect(end.reason).toBe('PAYMENT_VOIDED');
    expect(end.payment).toEqual(['PaymentRequested', 'GatewayPaymentCreated', 'PaymentAuthorized', 'PaymentVoided']);
  });

  it('before it is captured makes the capture a failure: voided, released, cancelled', async () => {
    await platform.receive('A', 10);
    const gates = runHeld();
    const capture = gates.hold('gateway capture, before');
    const orderId = await platform.place(three);
    await capture.reached();
    gatewayAhead = week;
    capture.open();
    await platform.reaches(orderId, 'CANCELLED');
    const { reason, intents } = await expectRightEnd(platform, orderId, received);
    expect(reason).toBe('CAPTURE_FAILED');
    expect(intents).toMatchObject([{ status: 'canceled', captured: 0 }]);
  });
});
