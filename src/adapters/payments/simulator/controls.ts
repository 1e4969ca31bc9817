// What only the simulator has, outside Stripe's API: the parts that customers and banks play. Each is written down like any change.

import type { Books } from './books.js';
import type { Fact } from './facts.js';
import { authenticate, type Intent, settleRefund } from './intent.js';
import { missing, RequestError, readForm, required } from './requests.js';

/** What somebody did to an intent, and the fact that it comes to. */
export interface Control {
  readonly intentId: string;
  /** @throws RequestError if there is no such intent. */
  readonly decide: (intent: Intent | undefined) => Fact;
}

const fields = new Set(['outcome']);
const controlPath = /^\/simulator\/(?:payment_intents\/([^/]+)\/authenticate|refunds\/([^/]+)\/settle)$/;

/**
 * Reads a POST, whose form says `outcome=succeed` or `outcome=fail`; `null` if there is no such page.
 * - `/simulator/payment_intents/{id}/authenticate`: what the customer did when the bank wanted to see them;
 * - `/simulator/refunds/{id}/settle`: what the bank did with a refund, before its time or against what it said.
 * @throws RequestError for a form that cannot be read, or a refund that does not exist
 */
export function controlFor(books: Books, path: string, text: string): Control | null {
  const [, authenticated, refundId] = controlPath.exec(path) ?? [];
  const intentId = refundId === undefined ? authenticated : books.refunds.get(refundId);
  if (authenticated === undefined && refundId === undefined) return null;
  const succeeded = readOutcome(text);
  if (intentId === undefined) throw missing('refund', 'id', refundId ?? '');
  const decide = (intent: Intent | undefined): Fact => {
    if (intent === undefined) throw missing('payment_intent', 'intent', intentId);
    return refundId === undefined ? authenticate(intent, succeeded) : settleRefund(intent, refundId, succeeded);
  };
  return { intentId, decide };
}

function readOutcome(text: string): boolean {
  const outcome = required(readForm(text, fields), 'outcome');
  if (outcome === 'succeed') return true;
  if (outcome === 'fail') return false;
  const message = `The outcome is 'succeed' or 'fail', not '${outcome}'.`;
  throw new RequestError(400, { type: 'invalid_request_error', code: 'parameter_invalid', param: 'outcome', message });
}
