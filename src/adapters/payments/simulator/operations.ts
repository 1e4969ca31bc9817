// The API's operations: which fact a request asks for, and what a question is answered. What may happen to an intent is the intent's
// own decision; writing it down is the server's matter.

import { randomUUID } from 'node:crypto';
import type { Books } from './books.js';
import type { Fact } from './facts.js';
import { cancel, capture, confirm, type Intent, refund } from './intent.js';
import { type ChangeName, isMethod, type QuestionName } from './methods.js';
import { type Form, missing, readAmount, readCurrency, readForm, required } from './requests.js';
import { renderIntent, renderRefund } from './resources.js';

/** A change as a request asks for it: the intent that it concerns, and the fact that it comes to. */
export interface Change {
  readonly operation: ChangeName;
  readonly intentId: string;
  /** The payment method that a new intent names; `null` if the intent is there. */
  readonly method: string | null;
  readonly expandsCharge: boolean;
  /** @throws RequestError if there is no such intent. */
  readonly decide: (intent: Intent | undefined) => Fact;
}

const known = {
  create: new Set([
    'amount',
    'currency',
    'payment_method',
    'capture_method',
    'metadata',
    'allowed_payment_method_types',
    'description',
  ]),
  capture: new Set(['amount_to_capture']),
  cancel: new Set(['cancellation_reason']),
  refund: new Set(['payment_intent', 'amount', 'metadata', 'reason']),
  listRefunds: new Set(['payment_intent', 'limit', 'starting_after']),
  nothing: new Set<string>(),
};

const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

function of(operation: ChangeName, intentId: string, param: string, form: Form, decision: (intent: Intent) => Fact): Change {
  const decide = (intent: Intent | undefined): Fact => {
    if (intent === undefined) throw missing('payment_intent', param, intentId);
    return decision(intent);
  };
  return { operation, intentId, method: null, expandsCharge: form.expandsCharge, decide };
}

function creation(text: string): Change {
  const form = readForm(text, known.create);
  const amount = readAmount(form, 'amount') ?? Number(required(form, 'amount'));
  const currency = readCurrency(form);
  const method = required(form, 'payment_method');
  if (!isMethod(method)) throw missing('PaymentMethod', 'payment_method', method);
  const intentId = newId('pi');
  const { metadata, expandsCharge } = form;
  const decide = (): Fact => ({ type: 'created', intent: intentId, amount, currency, method, metadata });
  return { operation: 'create', intentId, method, expandsCharge, decide };
}

function refundChange(text: string): Change {
  const form = readForm(text, known.refund);
  const amount = readAmount(form, 'amount');
  const { metadata } = form;
  const intentId = required(form, 'payment_intent');
  return of('refund', intentId, 'payment_intent', form, (intent) => refund(intent, newId('re'), amount, metadata));
}

const intentPath = /^\/v1\/payment_intents\/([^/]+)(?:\/(confirm|capture|cancel))?$/;

/** The change that a POST asks for; `null` if there is no such operation. @throws RequestError for a form that cannot be read */
export function changeFor(path: string, text: string): Change | null {
  if (path === '/v1/payment_intents') return creation(text);
  if (path === '/v1/refunds') return refundChange(text);
  const [, intentId, operation] = intentPath.exec(path) ?? [];
  if (intentId === undefined || operation === undefined) return null;
  if (operation === 'confirm') return of(operation, intentId, 'intent', readForm(text, known.nothing), confirm);
  if (operation === 'capture') {
    const form = readForm(text, known.capture);
    const amount = readAmount(form, 'amount_to_capture');
    return of(operation, intentId, 'intent', form, (intent) => capture(intent, amount));
  }
  const form = readForm(text, known.cancel);
  return of('cancel', intentId, 'intent', form, (intent) => cancel(intent, form.fields.cancellation_reason ?? null));
}

/** A question as a GET asks it: the intent that it concerns, and the answer. */
export interface Question {
  readonly operation: QuestionName;
  readonly intentId: string;
  /** @throws RequestError if there is no such intent. */
  readonly answer: () => object;
}

const refundPath = /^\/v1\/refunds\/([^/]+)$/;

/** The question that a GET asks of these books; `null` if there is none such. @throws RequestError for a query that cannot be read */
export function questionFor(books: Books, path: string, query: string): Question | null {
  if (path === '/v1/refunds') {
    const form = readForm(query, known.listRefunds);
    const intentId = required(form, 'payment_intent');
    return { operation: 'find-refund', intentId, answer: () => listRefunds(find(books, intentId, 'payment_intent'), form) };
  }
  const [, refundId] = refundPath.exec(path) ?? [];
  if (refundId !== undefined) {
    readForm(query, known.nothing);
    return { operation: 'find-refund', ...refundIn(books, refundId) };
  }
  const [, intentId, operation] = intentPath.exec(path) ?? [];
  if (intentId === undefined || operation !== undefined) return null;
  const { expandsCharge } = readForm(query, known.nothing);
  return { operation: 'retrieve', intentId, answer: () => renderIntent(find(books, intentId, 'intent'), expandsCharge) };
}

function refundIn(books: Books, refundId: string): { intentId: string; answer: () => object } {
  const intentId = books.refunds.get(refundId);
  if (intentId === undefined) throw missing('refund', 'id', refundId);
  const answer = () => {
    const intent = find(books, intentId, 'intent');
    const refund = intent.refunds.find(({ id }) => id === refundId);
    if (refund === undefined) throw missing('refund', 'id', refundId);
    return renderRefund(intent, refund);
  };
  return { intentId, answer };
}

function find(books: Books, intentId: string, param: string): Intent {
  const intent = books.intents.get(intentId);
  if (intent === undefined) throw missing('payment_intent', param, intentId);
  return intent;
}

function listRefunds(intent: Intent, form: Form): object {
  const newestFirst = intent.refunds.toReversed();
  const after = form.fields.starting_after;
  const start = after === undefined ? 0 : newestFirst.findIndex((refund) => refund.id === after) + 1;
  const end = start + Math.min(readAmount(form, 'limit') ?? 10, 100);
  const data = newestFirst.slice(start, end).map((refund) => renderRefund(intent, refund));
  return { object: 'list', data, has_more: end < newestFirst.length, url: '/v1/refunds' };
}
