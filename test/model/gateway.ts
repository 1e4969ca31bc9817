// The payment gateway as a model: a ledger with a bank behind it that authorises, declines, ponders, lets authorisations expire and refunds
// fail; and the port to it, over which requests are kept from it, answers are lost or late, and errors are kept under a key.

import {
  AnswerKept,
  GatewayRefused,
  type IntentSnapshot,
  type IntentState,
  type PaymentGateway,
  type RefundSnapshot,
} from '../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../src/domain/log/errors.js';
import type { Circumstances, Turn } from './streams.js';

/** How the bank behind one order's payment behaves. */
export interface Bank {
  readonly confirms: 'at once' | 'declines' | 'later' | 'declines later' | 'never' | 'refuses the request';
  readonly captures: boolean;
  /** Whether an intent that the bank has not answered for yet can be cancelled. */
  readonly cancelsPending: boolean;
  readonly expires: boolean;
  /** What becomes of the first refund, the second, and so on; all others succeed at once. */
  readonly refunds: readonly ('succeeds' | 'succeeds later' | 'fails' | 'fails later')[];
}

interface Refund {
  readonly refundId: string;
  readonly amount: number;
  state: 'pending' | 'succeeded' | 'failed';
  readonly fate: 'succeeded' | 'failed';
}

export interface Intent {
  readonly intentId: string;
  readonly orderId: string;
  readonly amount: number;
  state: IntentState;
  expired: boolean;
  captured: number;
  readonly refunds: Refund[];
}

const day = 24 * 3_600_000;
const declined = { code: 'card_declined', message: 'No.' };

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger(
  circumstances: Circumstances,
  bankOf: (orderId: string) => Bank,
  /** Called before money is taken. */
  capturing: (intent: Intent) => void,
) {
  const { chance, happened } = circumstances;
  const intents: Intent[] = [];
  /** What was answered under each key; `null`: an error of the gateway's own. */
  const keys = new Map<string, { readonly since: number; readonly answer: (() => unknown) | null }>();

  const find = (intentId: string): Intent => {
    const intent = intents.find((one) => one.intentId === intentId);
    if (intent === undefined) throw new Error(`There is no intent ${intentId}.`);
    return intent;
  };

  const snapshot = ({ intentId, state, amount, captured, expired }: Intent, failed = state === 'failed'): IntentSnapshot => ({
    intentId,
    state,
    amount,
    amountCaptured: captured,
    captureBefore: state === 'authorized' ? new Date(circumstances.now + 7 * day).toISOString() : null,
    expired,
    failure: failed ? declined : null,
  });
  const refundSnapshot = ({ refundId, amount, state }: Refund, made = true): RefundSnapshot => ({
    refundId,
    gatewayRefundId: made ? `re_${refundId}` : null,
    state,
    amount,
    failure: state === 'failed' ? declined : null,
  });

  /** Sets an intent's state, and answers with it as it is now, also when that answer is repeated. */
  function becomes(intent: Intent, state: IntentState, failed?: boolean): () => IntentSnapshot {
    intent.state = state;
    const now = snapshot(intent, failed);
    return () => now;
  }

  function confirm(intent: Intent): () => IntentSnapshot {
    // What is refused for its state is answered with what is, each time anew.
    if (intent.state !== 'created') return () => snapshot(intent);
    switch (bankOf(intent.orderId).confirms) {
      case 'at once':
        return becomes(intent, 'authorized');
      case 'declines':
        return becomes(intent, 'failed');
      default:
        return becomes(intent, 'pending');
    }
  }

  function capture(intent: Intent, amount: number): () => IntentSnapshot {
    if (intent.state !== 'authorized') return () => snapshot(intent);
    if (!bankOf(intent.orderId).captures) return becomes(intent, 'authorized', true);
    capturing(intent);
    intent.captured += amount;
    return becomes(intent, 'captured');
  }

  function cancel(intent: Intent): () => IntentSnapshot {
    const cancels = intent.state !== 'pending' || bankOf(intent.orderId).cancelsPending;
    if (intent.state === 'captured' || intent.state === 'voided' || !cancels) return () => snapshot(intent);
    return becomes(intent, 'voided');
  }

  function refund(intent: Intent, refundId: string, amount: number): () => RefundSnapshot {
    const standing = intent.refunds.filter(({ state }) => state !== 'failed').reduce((sum, one) => sum + one.amount, 0);
    if (standing + amount > intent.captured) throw new Error(`Refunds of ${intent.intentId} exceed what was captured.`);
    const fate = bankOf(intent.orderId).refunds[intent.refunds.length] ?? 'succeeds';
    happened(`a refund ${fate}`);
    const made: Refund = {
      refundId,
      amount,
      state: fate === 'succeeds' ? 'succeeded' : fate === 'fails' ? 'failed' : 'pending',
      fate: fate === 'fails' || fate === 'fails later' ? 'failed' : 'succeeded',
    };
    intent.refunds.push(made);
    const now = refundSnapshot(made, fate !== 'fails');
    return () => now;
  }

  /** What the bank still has to say: of a confirmation, of a refund. */
  const unanswered = (): readonly (() => void)[] =>
    intents.flatMap((intent) => {
      const { confirms } = bankOf(intent.orderId);
      const answer = () => {
        intent.state = confirms === 'later' ? 'authorized' : 'failed';
        happened('the bank answered a confirmation later');
      };
      const refunds = intent.refunds.filter(({ state }) => state === 'pending');
      return [
        ...(intent.state === 'pending' && confirms !== 'never' ? [answer] : []),
        ...refunds.map((one) => () => {
          one.state = one.fate;
        }),
      ];
    });

  /** Lets the authorisations of an order expire, if its bank does so. */
  function expire(orderId: string): void {
    for (const intent of intents.filter((one) => one.orderId === orderId && one.state === 'authorized')) {
      if (!bankOf(orderId).expires) continue;
      intent.state = 'voided';
      intent.expired = true;
      circumstances.changes += 1;
      happened('an authorisation expired');
    }
  }

  /** Somebody takes the money at the gateway itself, past the platform. */
  function captureByHand(orderId: string): void {
    for (const intent of intents.filter((one) => one.orderId === orderId && one.state === 'authorized')) {
      capturing(intent);
      intent.captured = intent.amount;
      intent.state = 'captured';
      circumstances.changes += 1;
      happened('money was taken at the gateway while it was being voided');
    }
  }

  function answer(one: (() => void) | undefined): void {
    if (one === undefined) return;
    one();
    circumstances.changes += 1;
  }

  return {
    intents,
    portFor: (turn: Turn): PaymentGateway => {
      /** A change under a key: done once; kept from the gateway, its answer lost, or an error kept under the key, now and then. */
      async function change<Answer>(key: string, effect: () => () => Answer): Promise<Answer> {
        await turn();
        const fault = circumstances.calm ? 99 : chance.below(40);
        if (fault === 0) throw new Unavailable('The gateway is away.');
        const kept = keys.get(key);
        if (kept === undefined || circumstances.now - kept.since > day) {
          const undone = fault === 1;
          const done = undone ? null : effect();
          keys.set(key, { since: circumstances.now, answer: fault === 2 ? null : done });
          circumstances.changes += 1;
          if (fault === 1 || fault === 2)
            happened(`an error was kept under a key, ${undone ? 'and it was not done' : 'though it was done'}`);
        } else happened('an answer was repeated under its key');
        // Found before the answer travels: by the time it arrives it may be old.
        const found = keys.get(key)?.answer ?? null;
        const answered = found === null ? null : (found() as Answer);
        await turn();
        if (fault === 3) {
          happened('an answer of the gateway was lost');
          throw new OutcomeUnknown('The answer was lost.');
        }
        if (answered === null) throw new AnswerKept('The gateway made an error.');
        return answered;
      }
      return {
        name: 'model',
        create: async ({ orderId, amount, idempotencyKey }) => {
          if (bankOf(orderId).confirms === 'refuses the request')
            throw new GatewayRefused('There is no such method.', { blame: 'request', code: 'resource_missing' });
          return change(idempotencyKey, () => {
            const intentId = `pi_${intents.length + 1}`;
            intents.push({ intentId, orderId, amount, state: 'created', expired: false, captured: 0, refunds: [] });
            const made = snapshot(find(intentId));
            return () => made;
          });
        },
        confirm: ({ intentId, idempotencyKey }) => change(idempotencyKey, () => confirm(find(intentId))),
        capture: ({ intentId, amount, idempotencyKey }) => change(idempotencyKey, () => capture(find(intentId), amount)),
        cancel: ({ intentId, idempotencyKey }) => change(idempotencyKey, () => cancel(find(intentId))),
        refund: ({ intentId, refundId, amount, idempotencyKey }) =>
          change(idempotencyKey, () => refund(find(intentId), refundId, amount)),
        retrieve: async (intentId) => {
          await turn();
          const now = snapshot(find(intentId));
          await turn();
          return now;
        },
        findRefund: async ({ intentId, refundId }) => {
          await turn();
          const made = find(intentId).refunds.find((one) => one.refundId === refundId);
          const now = made === undefined ? null : refundSnapshot(made);
          await turn();
          return now;
        },
      };
    },
    answerOne: () => answer(chance.pick(unanswered())),
    expire,
    captureByHand,
    /** True if there was something left to answer. */
    answerAll: () => {
      const left = unanswered();
      for (const one of left) answer(one);
      return left.length > 0;
    },
  };
}
