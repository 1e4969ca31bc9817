// A payment gateway that says what a test tells it to, and remembers what it was asked.

import { GatewayRefused, type IntentSnapshot, type PaymentGateway } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';

export const held: IntentSnapshot = {
  intentId: 'pi_1',
  state: 'authorized',
  amount: 5,
  amountCaptured: 0,
  captureBefore: null,
  expired: false,
  failure: null,
};
export const unknown = () => new OutcomeUnknown('no answer');
export const notAttempted = () => new Unavailable('nobody there');
export const refused = (blame: 'request' | 'credentials') => new GatewayRefused('no', { blame, code: 'no' });
export const confirmation = (intentId = 'pi_1') => ({ intentId, idempotencyKey: `key of ${intentId}` });

/** A gateway that answers or fails as told, and what it was asked for. */
export function scripted(answer: (intentId: string, time: number) => IntentSnapshot | Error | Promise<IntentSnapshot>) {
  const asked: { intentId: string; idempotencyKey?: string }[] = [];
  const times = new Map<string, number>();
  let closed = false;
  async function intent(request: { intentId: string; idempotencyKey?: string }): Promise<IntentSnapshot> {
    asked.push(request);
    const time = (times.get(request.intentId) ?? 0) + 1;
    times.set(request.intentId, time);
    const said = await answer(request.intentId, time);
    if (said instanceof Error) throw said;
    return said;
  }
  const refundOf = async (intentId: string, refundId: string) => {
    const { amount } = await intent({ intentId });
    return { refundId, gatewayRefundId: 're_1', state: 'succeeded', amount, failure: null } as const;
  };
  const gateway: PaymentGateway & { close(): void } = {
    name: 'scripted',
    create: ({ paymentId, idempotencyKey }) => intent({ intentId: paymentId, idempotencyKey }),
    confirm: intent,
    capture: intent,
    cancel: intent,
    retrieve: (intentId) => intent({ intentId }),
    refund: ({ intentId, refundId }) => refundOf(intentId, refundId),
    findRefund: ({ intentId, refundId }) => refundOf(intentId, refundId),
    close: () => {
      closed = true;
    },
  };
  return { gateway, asked, isClosed: () => closed };
}
