// What the ledger records about a payment intent. A fact says what happened, never what was asked; entries of older versions stay
// readable.

import { z } from 'zod';

const metadata = z.record(z.string(), z.string());
export type Metadata = z.infer<typeof metadata>;

const id = { intent: z.string() };
const decline = { code: z.string(), declineCode: z.string(), message: z.string() };

export const fact = z.discriminatedUnion('type', [
  z.object({ type: z.literal('created'), ...id, amount: z.int(), currency: z.string(), method: z.string(), metadata }),
  /** The bank wants to see the customer before it holds anything. */
  z.object({ type: z.literal('actionRequired'), ...id }),
  /** The customer was not who the bank expected, or gave up. */
  z.object({ type: z.literal('notAuthenticated'), ...id }),
  z.object({ type: z.literal('authorized'), ...id }),
  z.object({ type: z.literal('declined'), ...id, ...decline }),
  z.object({ type: z.literal('captured'), ...id, amount: z.int() }),
  z.object({ type: z.literal('captureDeclined'), ...id, ...decline }),
  z.object({ type: z.literal('canceled'), ...id, reason: z.string().nullable() }),
  z.object({
    type: z.literal('refunded'),
    ...id,
    refund: z.string(),
    amount: z.int(),
    metadata,
    status: z.enum(['succeeded', 'pending']).default('succeeded'),
  }),
  z.object({
    type: z.literal('refundSettled'),
    ...id,
    refund: z.string(),
    status: z.enum(['succeeded', 'failed']),
    reason: z.string().nullable(),
  }),
  /** Nothing changed; kept because the answer is kept under its key. */
  z.object({ type: z.literal('refused'), ...id, code: z.string().nullable(), param: z.string().nullable(), message: z.string() }),
]);
export type Fact = z.infer<typeof fact>;
