// Carries a payment's requests to the gateway and records what it said. Calls for one payment go one at a time; parameters and keys
// come from stored events alone, so that a repeat is the same request.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { Unavailable } from '../../domain/log/errors.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { type Payment, type PaymentCommand, payment } from '../../domain/payment/payment.js';
import type { CommandHandler } from '../command-handler.js';
import { type CreateIntent, GatewayRefused, type IntentSnapshot, type PaymentGateway } from '../payment-gateway.js';
import { dispatchOrRaise, raiseAttention } from './dispatch.js';
import type { Reactor } from './reactor.js';

/** What to do about one event of a payment, as it stands now; `null` if nothing is to be recorded. */
type Errand = (payment: Payment, attempt: number) => Promise<PaymentCommand | null>;

/** The reactor that asks the gateway for what a payment's events request. */
export function gatewayWorker(handler: CommandHandler, gateway: PaymentGateway): Reactor {
  return (recorded) => {
    const errand = errandFor(recorded, gateway);
    if (errand === null) return [];
    const paymentId = recorded.stream.slice(`${payment.category}-`.length);
    const run = async (attempt: number) => {
      const { state } = await handler.load(payment, paymentId, attempt > 1 ? 'head' : recorded.revision);
      try {
        const answer = await errand(state, attempt);
        if (answer !== null) await dispatchOrRaise(handler, recorded, payment, paymentId, answer);
      } catch (error) {
        // Final, and none of the errands knows what it means: a person has to look, and nobody else waits for that.
        if (!isRequestRefused(error)) throw error;
        await raiseAttention(
          handler,
          recorded,
          `gateway-${error.code}`,
          `After ${recorded.event.type} of payment ${paymentId}: ${error.message}`,
        );
      }
    };
    return [{ lane: `gateway-${paymentId}`, what: `gateway call after ${recorded.event.type}`, run }];
  };
}

function errandFor({ event, metadata }: Recorded<DomainEvent>, gateway: PaymentGateway): Errand | null {
  const orderId = metadata.$correlationId;
  switch (event.type) {
    case 'PaymentRequested':
      return async ({ status, intentId, request }) => {
        if (status !== 'REQUESTED' || intentId !== null || request === null) return null;
        return failureIfRefused(async () => {
          const created = await gateway.create(creation(request, orderId));
          return { type: 'RecordGatewayPayment', gateway: gateway.name, intentId: created.intentId };
        });
      };
    case 'GatewayPaymentCreated':
      return async ({ status, request, intentId }, attempt) => {
        if (status !== 'CREATED' || request === null || intentId === null) return null;
        return failureIfRefused(async () => {
          // Under its key the first answer would come again, though the bank has answered since.
          const found = attempt > 1 ? await gateway.retrieve(intentId) : null;
          if (found !== null && found.state !== 'created') return confirmed(found);
          return confirmed(await gateway.confirm({ intentId, idempotencyKey: `${request.paymentId}:confirm:1` }));
        });
      };
    case 'PaymentCaptureRequested':
      return async ({ status, request, intentId, captureAttempts }, attempted) => {
        const { amount, attempt } = event.data;
        if (status !== 'CAPTURING' || captureAttempts !== attempt || request === null || intentId === null) return null;
        const found = attempted > 1 ? await gateway.retrieve(intentId) : null;
        if (found !== null && found.state !== 'authorized') return captured(found);
        const idempotencyKey = `${request.paymentId}:capture:${attempt}`;
        return captured(await gateway.capture({ intentId, amount, currency: request.currency, idempotencyKey }));
      };
    case 'PaymentVoidRequested':
      return async ({ status, request, intentId }) => {
        if (status !== 'VOIDING' || request === null) return null;
        return failureIfRefused(async () => {
          const intent = intentId ?? (await gateway.create(creation(request, orderId))).intentId;
          return voided(
            await gateway.cancel({ intentId: intent, idempotencyKey: `${request.paymentId}:void:${event.data.attempt}` }),
          );
        });
      };
    case 'PaymentFailed':
      return async ({ intentId }) => {
        // Declined is not closed: the gateway would let the intent be tried with another method.
        if (intentId !== null) await gateway.cancel({ intentId, idempotencyKey: `${intentId}:close` });
        return null;
      };
    default:
      return null;
  }
}

const creation = ({ attempt, ...request }: NonNullable<Payment['request']>, orderId: string): CreateIntent => ({
  ...request,
  orderId,
  idempotencyKey: `${request.paymentId}:create:${attempt}`,
});

const isRequestRefused = (error: unknown): error is GatewayRefused => error instanceof GatewayRefused && error.blame === 'request';

/** A request that the gateway will never accept is a payment that failed, not one to be tried for ever. */
async function failureIfRefused(ask: () => Promise<PaymentCommand>): Promise<PaymentCommand> {
  try {
    return await ask();
  } catch (error) {
    if (!isRequestRefused(error)) throw error;
    return { type: 'RecordPaymentFailure', code: error.code, message: error.message };
  }
}

const unknownYet = ({ intentId, state }: IntentSnapshot) =>
  new Unavailable(`Intent ${intentId} is ${state}: what has become of the request is not known yet.`);

const failureOf = ({ failure, state }: IntentSnapshot) => failure ?? { code: state, message: `The intent is ${state}.` };

function confirmed(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amount, captureBefore } = snapshot;
  if (state === 'authorized') return { type: 'RecordAuthorization', amount, captureBefore };
  if (state === 'failed' || state === 'voided') return { type: 'RecordPaymentFailure', ...failureOf(snapshot) };
  throw unknownYet(snapshot);
}

function captured(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amountCaptured, expired, failure } = snapshot;
  if (state === 'captured') return { type: 'RecordCapture', amount: amountCaptured };
  if (state === 'voided') return { type: 'RecordVoid', expired };
  if (state === 'failed' || (state === 'authorized' && failure !== null))
    return { type: 'RecordCaptureFailure', ...failureOf(snapshot) };
  throw unknownYet(snapshot);
}

function voided(snapshot: IntentSnapshot): PaymentCommand {
  const { state, amountCaptured, expired } = snapshot;
  if (state === 'voided') return { type: 'RecordVoid', expired };
  if (state === 'captured') return { type: 'RecordCapture', amount: amountCaptured };
  throw unknownYet(snapshot);
}
