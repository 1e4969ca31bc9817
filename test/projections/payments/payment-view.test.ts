import { describe, expect, it } from 'vitest';
import { type PaymentEvent, payment, paymentEvents } from '../../../src/domain/payment/payment.js';
import { evolvePayment, type PaymentFold, paymentView } from '../../../src/projections/payments/payment-view.js';
import { isAmong } from '../../../src/projections/projection.js';
import { asRecorded, at, type Happening, idFor, logId, orderNamed } from '../story.js';

const isPaymentEvent = isAmong<PaymentEvent>(paymentEvents);

function folded(happenings: readonly Happening[]) {
  const fold = asRecorded(happenings)
    .filter(isPaymentEvent)
    .reduce<PaymentFold | null>((before, recorded) => evolvePayment(before, recorded, logId), null);
  if (fold === null) throw new Error('no event of a payment');
  return paymentView.strict().parse(fold.view);
}

const one = orderNamed({ name: 'one' });
const begun = [...one.created, ...one.requested, ...one.authorized];

describe('the payment that is shown', () => {
  it('is captured in full, with the intent that the gateway knows it by', () => {
    expect(folded(one.confirmed)).toEqual({
      id: one.paymentId,
      orderId: one.orderId,
      status: 'CAPTURED',
      currency: 'GBP',
      amount: 1980,
      authorized: 1980,
      captured: 1980,
      refunded: 0,
      method: 'pm_card_visa',
      gateway: { name: 'simulator', intentId: 'pi_one' },
      failure: null,
      refunds: [],
      createdAt: at(2),
      updatedAt: at(11),
      revision: 4,
      position: `${logId}:110`,
    });
  });

  it('says why it was declined', () => {
    expect(folded([...one.created, ...one.requested, ...one.declined])).toMatchObject({
      status: 'FAILED',
      failure: { code: 'card_declined', message: 'The card was declined.' },
      captured: 0,
    });
  });

  it('goes to VOIDING when a capture fails that a void has been waiting for', () => {
    const failing: PaymentEvent[] = [
      { type: 'PaymentCaptureRequested', data: { amount: 1980, attempt: 1 } },
      { type: 'PaymentVoidRequested', data: { attempt: 1 } },
      { type: 'PaymentCaptureFailed', data: { code: 'card_declined', message: 'No.' } },
    ];
    expect(folded([...begun, ...failing.slice(0, 2).map(one.payment)]).status).toBe('CAPTURING');
    expect(folded([...begun, ...failing.map(one.payment)]).status).toBe('VOIDING');
    expect(folded([...begun, ...[failing[0], failing[2]].flatMap((event) => (event ? [one.payment(event)] : []))]).status).toBe(
      'AUTHORIZED',
    );
  });

  it('does not know what was asked for when the void came first', () => {
    const view = folded([one.payment({ type: 'PaymentVoided', data: { neverRequested: true, expired: false } })]);
    expect(view).toMatchObject({ status: 'VOIDED', orderId: one.orderId, amount: null, currency: null, method: null });
  });

  it('counts as refunded what the gateway accepted, until it says that it failed', () => {
    const refundId = idFor('refund');
    const requested = one.payment({ type: 'RefundRequested', data: { refundId, amount: 500, attempt: 1 } });
    const accepted = one.payment({ type: 'RefundAccepted', data: { refundId, amount: 500, gatewayRefundId: 're_1' } });
    const failed = one.payment({ type: 'RefundFailed', data: { refundId, code: 'expired', message: 'Too late.' } });
    expect(folded([...one.confirmed, requested])).toMatchObject({ status: 'CAPTURED', refunded: 0 });
    expect(folded([...one.confirmed, requested, accepted])).toMatchObject({ refunded: 500, refunds: [{ status: 'ACCEPTED' }] });
    expect(folded([...one.confirmed, requested, accepted, failed])).toMatchObject({
      refunded: 0,
      refunds: [{ id: refundId, status: 'FAILED', failure: { code: 'expired', message: 'Too late.' } }],
    });
  });

  it('has the status of the aggregate after every event of every story', () => {
    for (const story of [one.confirmed, [...begun, ...one.short], [...one.created, ...one.requested, ...one.declined]]) {
      let fold: PaymentFold | null = null;
      let state = payment.initialState;
      for (const recorded of asRecorded(story).filter(isPaymentEvent)) {
        fold = evolvePayment(fold, recorded, logId);
        state = payment.evolve(state, recorded.event);
        expect(fold.view.status).toBe(state.status);
      }
    }
  });
});
