// Reads an order and everything that happened for it from a running platform.

import { z } from 'zod';
import { orderIdOf } from '../../commands/place-order.js';
import { refusalIn } from '../client/answers.js';
import type { Platform } from '../client/platform.js';
import { CommandFailed } from '../failed.js';

/** What is read of an order; what else the platform says is kept as it is. */
const shownOrder = z.looseObject({
  id: z.string(),
  reference: z.string().nullable(),
  customerId: z.string(),
  status: z.string(),
  cancelling: z.boolean(),
  currency: z.string(),
  total: z.int(),
  lines: z.array(z.looseObject({ sku: z.string(), quantity: z.int() })),
  cancellation: z.looseObject({ reason: z.string() }).nullable(),
  attention: z.looseObject({ code: z.string(), detail: z.string() }).nullable(),
  placedAt: z.string(),
  position: z.string(),
});
export type ShownOrder = z.infer<typeof shownOrder>;

const shownEvent = z.looseObject({
  id: z.string(),
  at: z.string(),
  stream: z.string(),
  type: z.string(),
  causationId: z.string(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type ShownEvent = z.infer<typeof shownEvent>;

const eventPage = z.object({ data: z.array(shownEvent), page: z.object({ next: z.string().nullable() }) });

/** A page of the longest length that the platform gives. */
const pageLength = 100;

const isId = (name: string): boolean => z.uuid().safeParse(name.toLowerCase()).success;

/** In open mode every caller is the same principal, so a reference names an order as its id does. */
const idOf = (name: string): string => (isId(name) ? name.toLowerCase() : orderIdOf('anonymous', name));

async function get<Shape>(
  platform: Platform,
  what: string,
  path: string,
  shape: z.ZodType<Shape>,
  minPosition?: string,
): Promise<Shape> {
  const answer = await platform.ask({ method: 'GET', path, ...(minPosition === undefined ? {} : { minPosition }) });
  if (answer.status === 404) throw new CommandFailed(`There is no ${what}.`);
  if (answer.status >= 300) throw new CommandFailed(`The ${what} could not be read: ${refusalIn(answer).detail}.`);
  const body = shape.safeParse(answer.body);
  if (!body.success) throw new CommandFailed(`The ${what} was answered in another shape than this version knows.`);
  return body.data;
}

/** The order with this id or reference. @throws CommandFailed if there is none; Unavailable if nobody answers */
export const readOrder = (platform: Platform, name: string): Promise<ShownOrder> =>
  get(platform, `order ${name}`, `/orders/${idOf(name)}`, shownOrder);

/** Everything that happened for the order, over all its streams, in log order. */
export async function readStory(platform: Platform, { id, position }: ShownOrder): Promise<readonly ShownEvent[]> {
  const events: ShownEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/orders/${id}/events?limit=${pageLength}${after}`;
    const { data, page }: z.infer<typeof eventPage> = await get(platform, `story of the order ${id}`, path, eventPage, position);
    events.push(...data);
    cursor = page.next;
  }
  return events;
}
