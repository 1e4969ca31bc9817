// What the commands read of the platform's answers; whatever else they carry is ignored.

import { z } from 'zod';
import type { Answer } from './platform.js';

const count = z.int().nonnegative();

const order = z.object({
  id: z.string(),
  status: z.string(),
  cancelling: z.boolean(),
  total: count,
  paymentId: z.string().nullable(),
  cancellation: z.object({ reason: z.string() }).nullable(),
  timeline: z.array(z.object({ status: z.string(), at: z.string() })),
  createdAt: z.string(),
  position: z.string(),
});
export type OrderAnswer = z.infer<typeof order>;

const payment = z.object({ captured: count, refunded: count });
export type PaymentAnswer = z.infer<typeof payment>;

const problem = z.object({
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), detail: z.string() })).optional(),
});

export interface Refusal {
  /** The problem's code, or `http-404` where the answer is no problem of the platform. */
  readonly code: string;
  readonly detail: string;
}

/** An answer that a platform of this version does not give: going on would only repeat it. */
export class UnexpectedAnswer extends Error {}

function read<Shape>(what: string, shape: z.ZodType<Shape>, answer: Answer): Shape {
  const body = shape.safeParse(answer.body);
  if (answer.status < 300 && body.success) return body.data;
  const why = answer.status < 300 ? 'which is not in the shape of its interface' : refusalIn(answer).detail;
  throw new UnexpectedAnswer(`${what} was answered with ${answer.status}, ${why}.`);
}

export const orderIn = (what: string, answer: Answer): OrderAnswer => read(what, order, answer);
export const paymentIn = (what: string, answer: Answer): PaymentAnswer => read(what, payment, answer);

/** Why a request was refused. */
export function refusalIn({ status, body }: Answer): Refusal {
  const told = problem.safeParse(body);
  if (!told.success) return { code: `http-${status}`, detail: 'without saying why' };
  const errors = (told.data.errors ?? []).map((error) => `${error.pointer ?? 'the request'} ${error.detail}`);
  return { code: told.data.code, detail: [told.data.detail ?? told.data.code, ...errors].join('; ') };
}

/** Nothing more will happen to it by itself. */
export const isSettled = ({ status, cancelling }: OrderAnswer): boolean =>
  status === 'CANCELLED' || status === 'SHIPPED' || status === 'DELIVERED' || (status === 'CONFIRMED' && !cancelling);

/** When it came to its settled status, by the platform's clock. */
export const settledAt = (settled: OrderAnswer): string =>
  settled.timeline.find(({ status }) => status === 'CONFIRMED' || status === 'CANCELLED')?.at ?? settled.createdAt;
