// Reads stock from a running platform: of all SKUs, or of one with its latest movements.

import { z } from 'zod';
import { refusalIn } from '../client/answers.js';
import type { Answer, Platform } from '../client/platform.js';
import { CommandFailed } from '../failed.js';

const held = { onHand: z.int(), reserved: z.int(), available: z.int() };
const stock = z.looseObject({
  sku: z.string(),
  description: z.string().nullable(),
  ...held,
  level: z.string(),
  warehouses: z.array(z.looseObject({ warehouse: z.string(), ...held })),
});
export type Stock = z.infer<typeof stock>;

const movement = z.looseObject({
  at: z.string(),
  type: z.string(),
  warehouse: z.string(),
  change: z.looseObject({ onHand: z.int(), reserved: z.int() }),
  balance: z.looseObject(held),
  orderId: z.string().nullable(),
  reason: z.string().nullable(),
});
export type Movement = z.infer<typeof movement>;

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), page: z.object({ next: z.string().nullable() }) });
const stockPage = pageOf(stock);
const movementPage = pageOf(movement);

const pageLength = 100;

function read<Shape>(answer: Answer, shape: z.ZodType<Shape>): Shape {
  if (answer.status >= 300) throw new CommandFailed(`The stock could not be read: ${refusalIn(answer).detail}`);
  const body = shape.safeParse(answer.body);
  if (!body.success) throw new CommandFailed('The stock was answered in another shape than this version knows.');
  return body.data;
}

/** So many SKUs, in their order. @throws CommandFailed, Unavailable */
export async function readAllStock(platform: Platform, limit: number): Promise<readonly Stock[]> {
  const all: Stock[] = [];
  for (let cursor: string | null = ''; cursor !== null && all.length < limit; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const length = Math.min(pageLength, limit - all.length);
    const answer = await platform.ask({ method: 'GET', path: `/stock?limit=${length}${after}` });
    const got: z.infer<typeof stockPage> = read(answer, stockPage);
    all.push(...got.data);
    cursor = got.page.next;
  }
  return all;
}

/** @throws CommandFailed if nothing is known of it; Unavailable */
export async function readStock(platform: Platform, sku: string): Promise<Stock> {
  const answer = await platform.ask({ method: 'GET', path: `/stock/${encodeURIComponent(sku)}` });
  if (answer.status === 404) throw new CommandFailed(`Nothing is known of the stock of ${sku}.`);
  return read(answer, stock);
}

/** The latest movements of a SKU, the newest first. */
export async function readMovements(platform: Platform, sku: string, limit: number): Promise<readonly Movement[]> {
  const path = `/stock/${encodeURIComponent(sku)}/movements?limit=${limit}`;
  const answer = await platform.ask({ method: 'GET', path });
  // Its read model may have been behind, or the platform be an older one.
  return answer.status === 404 ? [] : read(answer, movementPage).data;
}
