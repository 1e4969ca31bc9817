// Refunds that fail, at once or days later, or stay pending: the customer's money goes back once, or a person is told.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RefundSnapshot } from '../../src/commands/payment-gateway.js';
import { eventually } from '../support/condition.js';
import { type Fulfilment, type LedgerLine, startFulfilment } from '../support/fulfilment.js';
import { expectRightEnd } from './ends-right.js';
import { withGatewayFaults } from './gateway-faults.js';

let platform: Fulfilment;
beforeEach(async () => {
  platform = await startFulfilment();
  await platform.receive('A', 10);
});
afterEach(() => platform.close());

const received = new Map([['A', 10]]);

async function confirmed(method?: string): Promise<string> {
  const orderId = await platform.place([{ sku: 'A', quantity: 3 }], method);
  await platform.reaches(orderId, 'CONFIRMED');
  return orderId;
}

const attentionOf = async (orderId: string) => (await platform.orderOf(orderId)).attention.map(({ code }) => code);
const clear = (orderId: string) => platform.tell(orderId, { type: 'ClearAttention', note: 'The bank was called.' });

/** What the bank does with a refund that is on its way. */
async function settle(orderId: string, outcome: 'succeed' | 'fail'): Promise<void> {
  const [intent] = await platform.intentsOf(orderId);
  const url = `${platform.simulatorUrl}/simulator/refunds/${intent?.refunds.at(-1)?.id}/settle`;
  const { status } = await fetch(url, { method: 'POST', body: `outcome=${outcome}` });
  expect(status).toBe(200);
}

async function paymentTypes(orderId: string): Promise<readonly string[]> {
  return platform.typesOf(`payment-${(await platform.orderOf(orderId)).paymentId}`);
}

describe('a refund', () => {
  it('that fails gets a person; once that is cleared a new one is asked for, and when it is accepted the order is cancelled', async () => {
    let failures = 0;
    const gateway = withGatewayFaults(platform.gateway, {
      refund: async (request): Promise<RefundSnapshot> => {
        if (failures > 0) return platform.gateway.refund(request);
        failures += 1;
        const failure = { code: 'insufficient_funds', message: 'The account has not enough.' };
        return { refundId: request.refundId, gatewayRefundId: null, state: 'failed', amount: request.amount, failure };
      },
    });
    platform.run({ gateway });
    const orderId = await confirmed();
    await platform.cancel(orderId);
    await eventually(async () => (await attentionOf(orderId)).includes('refund-failed'));
    expect((await platform.orderOf(orderId)).status).toBe('CONFIRMED');
    expect(await platform.typesOf(`reservation-${orderId}`)).not.toContain('InventoryReleaseRequested');

    await clear(orderId);
    await platform.reaches(orderId, 'CANCELLED');
    const { intents } = await expectRightEnd(platform, orderId, received, {
      attention: ['refund-failed'],
      repeated: ['RefundRequested'],
    });
    expect(intents).toMatchObject([{ captured: 300, refunded: 300, refunds: [{ amount: 300 }] }]);
  });

  it('that is on its way cancels the order, and is recorded when the bank has done it', async () => {
    platform.run();
    const orderId = await confirmed('pm_card_pendingRefund');
    await platform.cancel(orderId);
    await platform.reaches(orderId, 'CANCELLED');
    expect(await paymentTypes(orderId)).not.toContain('RefundSucceeded');
    await settle(orderId, 'succeed');
    await eventually(async () => (await paymentTypes(orderId)).at(-1) === 'RefundSucceeded');
    await expectRightEnd(platform, orderId, received);
  });

  it('that was accepted and fails days later gets a person; once that is cleared the money goes back by a new one', async () => {
    platform.run();
    const orderId = await confirmed('pm_card_pendingRefund');
    await platform.cancel(orderId);
    await platform.reaches(orderId, 'CANCELLED');
    await settle(orderId, 'fail');
    await eventually(async () => (await attentionOf(orderId)).includes('refund-failed'));
    expect(await platform.intentsOf(orderId)).toMatchObject([{ captured: 300, refunded: 0 }]);

    await clear(orderId);
    const refunded = async (line: LedgerLine | undefined) => line?.refunded === 300;
    await eventually(async () => refunded((await platform.intentsOf(orderId))[0]));
    await settle(orderId, 'succeed');
    await eventually(async () => (await paymentTypes(orderId)).at(-1) === 'RefundSucceeded');
    const allowed = { attention: ['refund-failed'], repeated: ['RefundRequested', 'RefundAccepted'] };
    const { intents, status } = await expectRightEnd(platform, orderId, received, allowed);
    expect(status).toBe('CANCELLED');
    expect(intents[0]?.refunds.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  });

  it('that is unresolved for an hour gets a person, and the order is cancelled when it is accepted', async () => {
    let isAway = true;
    const gateway = withGatewayFaults(platform.gateway, {
      refund: async (request) => {
        if (isAway) throw new Error('The gateway refunds nothing.');
        return platform.gateway.refund(request);
      },
    });
    platform.run({ gateway });
    const orderId = await confirmed();
    await platform.tell(orderId, { type: 'CancelOrder', note: null, attentionAt: new Date().toISOString() });
    await eventually(async () => (await attentionOf(orderId)).includes('refund-unresolved'));
    isAway = false;
    await platform.reaches(orderId, 'CANCELLED');
    const attention = (await attentionOf(orderId)).filter((code) => code !== 'processing-failed');
    expect(attention).toEqual(['refund-unresolved']);
    expect(await platform.intentsOf(orderId)).toMatchObject([{ captured: 300, refunded: 300 }]);
  });
});
