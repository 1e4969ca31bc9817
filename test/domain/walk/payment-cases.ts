// The payment's states and inputs for the walk: each status of the design with what is remembered beside it, reached by commands.

import {
  type Payment,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentRefusal,
  type PaymentStatus,
  payment,
} from '../../../src/domain/payment/payment.js';
import { type Cases, type Inputs, waysBy } from './cases.js';

const refundId = '01985c5e-0000-5000-8000-000000000003';
const another = '01985c5e-0000-5000-8000-000000000004';
const failure = { code: 'card_declined', message: 'No.' };
const captureBefore = '2026-01-08T00:00:00.000Z';

const inputs: Inputs<PaymentCommand> = {
  RequestPayment: {
    '-': {
      paymentId: '01985c5e-0000-5000-8000-000000000002',
      orderId: '01985c5e-0000-7000-8000-000000000001',
      amount: 1980,
      currency: 'GBP',
      method: 'pm_card_visa',
    },
  },
  RecordGatewayPayment: {
    '-': { gateway: 'stripe', intentId: 'pi_1' },
    '(another intent)': { gateway: 'stripe', intentId: 'pi_2' },
  },
  RecordAuthorization: { '-': { amount: 1980, captureBefore }, '(of another amount)': { amount: 1979, captureBefore } },
  RecordPaymentFailure: { '-': failure },
  RequestCapture: { '-': {} },
  RecordCapture: { '-': { amount: 1980 }, '(of more)': { amount: 1981 } },
  RecordCaptureFailure: { '-': failure },
  RequestVoid: { '-': {} },
  RecordVoid: { '-': { expired: false }, '(expired)': { expired: true } },
  RequestRefund: {
    '-': { refundId, amount: 1500 },
    '(another one)': { refundId: another, amount: 480 },
    '(another one, together too much)': { refundId: another, amount: 481 },
    '(of more than was captured)': { refundId: another, amount: 1981 },
  },
  RecordRefund: {
    accepted: { refundId, outcome: 'accepted', gatewayRefundId: 're_1' },
    succeeded: { refundId, outcome: 'succeeded', gatewayRefundId: 're_1' },
    failed: { refundId, outcome: 'failed', ...failure },
    '(that nobody asked for)': { refundId: another, outcome: 'succeeded', gatewayRefundId: 're_2' },
  },
  RenewAttempt: {
    'of the request': { operation: { of: 'request' }, failed: 1 },
    'of the capture': { operation: { of: 'capture' }, failed: 1 },
    'of the void': { operation: { of: 'void' }, failed: 1 },
    'of the refund': { operation: { of: 'refund', refundId }, failed: 1 },
    '(of another attempt)': { operation: { of: 'request' }, failed: 2 },
  },
};

const way = waysBy(inputs);

const requested = way([], 'RequestPayment');
const created = way(requested, 'RecordGatewayPayment');
const authorized = way(created, 'RecordAuthorization');
const capturing = way(authorized, 'RequestCapture');
const captured = way(capturing, 'RecordCapture');
const refunding = way(captured, 'RequestRefund');

export const paymentCases: Cases<Payment, PaymentCommand, PaymentEvent, PaymentRefusal, PaymentStatus> = {
  decider: payment,
  inputs,
  standings: {
    NONE: { '-': [] },
    REQUESTED: { '-': requested },
    CREATED: { '-': created },
    AUTHORIZED: { '-': authorized, 'after a capture that failed': way(capturing, 'RecordCaptureFailure') },
    CAPTURING: { '-': capturing, 'while a void waits': way(capturing, 'RequestVoid') },
    CAPTURED: {
      '-': captured,
      'refund requested': refunding,
      'refund accepted': way(refunding, 'RecordRefund accepted'),
      'refund succeeded': way(refunding, 'RecordRefund succeeded'),
      'refund failed': way(refunding, 'RecordRefund failed'),
    },
    VOIDING: {
      'without an intent': way(requested, 'RequestVoid'),
      '-': way(created, 'RequestVoid'),
      authorised: way(authorized, 'RequestVoid'),
      'after a capture that failed': way(capturing, 'RequestVoid', 'RecordCaptureFailure'),
    },
    VOIDED: {
      'never requested': way([], 'RequestVoid'),
      '-': way(created, 'RequestVoid', 'RecordVoid'),
      'after it was authorised': way(authorized, 'RequestVoid', 'RecordVoid'),
      expired: way(authorized, 'RecordVoid (expired)'),
    },
    FAILED: { '-': way(created, 'RecordPaymentFailure'), 'without an intent': way(requested, 'RecordPaymentFailure') },
  },
};
