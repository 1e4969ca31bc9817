import { describe, it } from 'vitest';
import { type PaymentCommand, type PaymentEvent, type PaymentStatus, payment } from '../../../src/domain/payment/payment.js';
import { given } from '../given-when-then.js';

const paymentId = '01985c5e-0000-5000-8000-000000000002';
const orderId = '01985c5e-0000-7000-8000-000000000001';
const facts = { paymentId, orderId, amount: 1980, currency: 'GBP', method: 'pm_card_visa' };
const until = '2026-01-08T00:00:00.000Z';

const requested: PaymentEvent = { type: 'PaymentRequested', data: { ...facts, attempt: 1 } };
const created: PaymentEvent = { type: 'GatewayPaymentCreated', data: { gateway: 'stripe', intentId: 'pi_1' } };
const authorized: PaymentEvent = { type: 'PaymentAuthorized', data: { amount: 1980, captureBefore: until } };
const declined: PaymentEvent = { type: 'PaymentFailed', data: { code: 'card_declined', message: 'No.' } };
const capturing: PaymentEvent = { type: 'PaymentCaptureRequested', data: { amount: 1980, attempt: 1 } };
const captured: PaymentEvent = { type: 'PaymentCaptured', data: { amount: 1980 } };
const captureFailed: PaymentEvent = { type: 'PaymentCaptureFailed', data: { code: 'expired', message: 'Late.' } };
const voiding: PaymentEvent = { type: 'PaymentVoidRequested', data: { attempt: 1 } };
const voided: PaymentEvent = { type: 'PaymentVoided', data: { neverRequested: false, expired: false } };

const request: PaymentCommand = { type: 'RequestPayment', ...facts };
const recordCreated: PaymentCommand = { type: 'RecordGatewayPayment', gateway: 'stripe', intentId: 'pi_1' };
const recordAuthorized: PaymentCommand = { type: 'RecordAuthorization', amount: 1980, captureBefore: until };
const recordDeclined: PaymentCommand = { type: 'RecordPaymentFailure', code: 'card_declined', message: 'No.' };
const capture: PaymentCommand = { type: 'RequestCapture' };
const recordCaptured: PaymentCommand = { type: 'RecordCapture', amount: 1980 };
const recordCaptureFailed: PaymentCommand = { type: 'RecordCaptureFailure', code: 'expired', message: 'Late.' };
const toVoid: PaymentCommand = { type: 'RequestVoid' };
const recordVoided: PaymentCommand = { type: 'RecordVoid', expired: false };

const refusedIn = (status: PaymentStatus, command: PaymentCommand) =>
  ({ code: 'payment-state', status, command: command.type }) as const;

describe('a payment is authorised and captured', () => {
  it('requested once', () => {
    given(payment).when(request).thenEvents(requested);
    given(payment, [requested]).when(request).thenNothing();
  });
  it('created at the gateway before any money moves', () => given(payment, [requested]).when(recordCreated).thenEvents(created));
  it('authorised', () => given(payment, [requested, created]).when(recordAuthorized).thenEvents(authorized));
  it('not authorised without an intent', () =>
    given(payment, [requested]).when(recordAuthorized).thenRefused(refusedIn('REQUESTED', recordAuthorized)));
  it('captured for what was authorised', () => {
    given(payment, [requested, created, authorized]).when(capture).thenEvents(capturing);
    given(payment, [requested, created, authorized, capturing]).when(recordCaptured).thenEvents(captured);
  });
  it('never captured twice', () => {
    const history = [requested, created, authorized, capturing, captured];
    given(payment, history).when(capture).thenNothing();
    given(payment, history).when(recordCaptured).thenNothing();
  });
  it('not captured before it is authorised', () =>
    given(payment, [requested, created]).when(capture).thenRefused(refusedIn('CREATED', capture)));
  it('a capture that failed can be asked for again, as a new attempt', () => {
    const history = [requested, created, authorized, capturing];
    given(payment, history).when(recordCaptureFailed).thenEvents(captureFailed);
    given(payment, [...history, captureFailed])
      .when(capture)
      .thenEvents({ type: 'PaymentCaptureRequested', data: { amount: 1980, attempt: 2 } });
  });
  it('a second intent for one payment is refused', () =>
    given(payment, [requested, created])
      .when({ ...recordCreated, intentId: 'pi_2' })
      .thenRefused(refusedIn('CREATED', recordCreated)));
});

describe('a payment that is declined is over', () => {
  it('recorded once', () => {
    given(payment, [requested, created]).when(recordDeclined).thenEvents(declined);
    given(payment, [requested, created, declined]).when(recordDeclined).thenNothing();
  });
  it('neither voided nor captured after it', () => {
    given(payment, [requested, created, declined]).when(toVoid).thenNothing();
    given(payment, [requested, created, declined]).when(capture).thenNothing();
  });
});

describe('capture and void are arbitrated here', () => {
  it('a void that comes before everything leaves a closed door', () => {
    given(payment)
      .when(toVoid)
      .thenEvents({ type: 'PaymentVoided', data: { neverRequested: true, expired: false } });
    given(payment, [{ type: 'PaymentVoided', data: { neverRequested: true, expired: false } }])
      .when(request)
      .thenNothing();
  });
  it('void, recorded once', () => {
    const history = [requested, created, authorized];
    given(payment, history).when(toVoid).thenEvents(voiding);
    given(payment, [...history, voiding])
      .when(toVoid)
      .thenNothing();
    given(payment, [...history, voiding])
      .when(recordVoided)
      .thenEvents(voided);
    given(payment, [...history, voiding, voided])
      .when(recordVoided)
      .thenNothing();
  });
  it('a capture after a void adds nothing', () =>
    given(payment, [requested, created, authorized, voiding]).when(capture).thenNothing());
  it('a void during a capture waits: captured wins', () => {
    const history = [requested, created, authorized, capturing];
    given(payment, history).when(toVoid).thenEvents(voiding);
    given(payment, [...history, voiding])
      .when(toVoid)
      .thenNothing();
    given(payment, [...history, voiding])
      .when(recordCaptured)
      .thenEvents(captured);
    given(payment, [...history, voiding, captured])
      .when(toVoid)
      .thenNothing();
  });
  it('a void during a capture waits: declined, it is voiding', () =>
    given(payment, [requested, created, authorized, capturing, voiding, captureFailed]).when(recordVoided).thenEvents(voided));
  it('found captured while voiding is captured', () =>
    given(payment, [requested, created, authorized, voiding]).when(recordCaptured).thenEvents(captured));
  it('an authorisation that arrives while voiding is recorded, and stays voiding', () => {
    given(payment, [requested, voiding, created]).when(recordAuthorized).thenEvents(authorized);
    given(payment, [requested, voiding, created, authorized]).when(recordVoided).thenEvents(voided);
  });
  it('found gone at the gateway while capturing is a capture that failed, and no void', () => {
    const history = [requested, created, authorized, capturing];
    given(payment, history).when(recordCaptureFailed).thenEvents(captureFailed);
    given(payment, history).when(recordVoided).thenRefused(refusedIn('CAPTURING', recordVoided));
  });
  it('expired at the gateway', () =>
    given(payment, [requested, created, authorized])
      .when({ type: 'RecordVoid', expired: true })
      .thenEvents({ type: 'PaymentVoided', data: { neverRequested: false, expired: true } }));
});
