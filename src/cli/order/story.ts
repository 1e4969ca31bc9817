// The story of an order as rows: each event with what caused it and how long that took. Events of many SKUs that follow from one cause
// are one row. How it looks is story-text.ts.

import { whole } from '../text.js';
import type { ShownEvent } from './read.js';
import { detailOf, unitsMoved } from './story-data.js';

/** `failed`: something went wrong; `undone`: something is taken back because of that; `reached`: what everybody waited for. */
export type Mark = 'step' | 'reached' | 'failed' | 'undone';

export interface StoryRow {
  /** From 1. */
  readonly number: number;
  readonly category: string;
  readonly type: string;
  readonly mark: Mark;
  /** How many events it stands for. */
  readonly events: number;
  /** Milliseconds since the story's first event. */
  readonly afterMs: number;
  /** The row that caused it, or who asked for it. */
  readonly cause: number | string;
  /** Milliseconds since the cause, to the last of its events; `null` where somebody asked. */
  readonly tookMs: number | null;
  readonly detail: string;
}

const failed = new Set([
  'OrderPaymentFailed',
  'PaymentFailed',
  'PaymentCaptureFailed',
  'RefundFailed',
  'InventoryReservationFailed',
  'OrderAttentionRaised',
]);
const undone = /Cancel|Void|Refund|Release|Abandoned|Returned|ReturnAccepted/;
const reached = new Set(['OrderConfirmed', 'OrderShipped', 'OrderDelivered']);

const markOf = (type: string): Mark => {
  if (failed.has(type)) return 'failed';
  if (undone.test(type)) return 'undone';
  return reached.has(type) ? 'reached' : 'step';
};

const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));
const skuOf = (stream: string): string => stream.slice('stock-'.length);

/** Events of stock streams that follow from one cause are told together, where the first of them stands. */
function groups(events: readonly ShownEvent[]): readonly (readonly [ShownEvent, ...ShownEvent[]])[] {
  const byKey = new Map<string, [ShownEvent, ...ShownEvent[]]>();
  for (const event of events) {
    const key = categoryOf(event.stream) === 'stock' ? `${event.type}/${event.causationId}` : event.id;
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [event]);
    else group.push(event);
  }
  return [...byKey.values()];
}

/** So many SKUs are named; of more than that the rest is counted. */
const fewSkus = 4;

/** A claim that was closed before it held anything. */
const moved = (units: number): string => (units === 0 ? 'nothing' : whole(units));

function stockDetail(events: readonly ShownEvent[]): string {
  const named = events.length <= fewSkus ? fewSkus : fewSkus - 1;
  const shown = events.slice(0, named).map(({ stream, data }) => `${skuOf(stream)} ${moved(unitsMoved(data))}`);
  const more = events.length > named ? [`and ${whole(events.length - named)} more`] : [];
  return [...shown, ...more].join(', ');
}

/** `events` in log order. */
export function storyOf(events: readonly ShownEvent[], currency: string): readonly StoryRow[] {
  const start = Date.parse(events[0]?.at ?? '');
  const grouped = groups(events);
  const numbers = new Map(grouped.flatMap((group, index) => group.map(({ id }) => [id, index + 1] as const)));
  const times = new Map(events.map(({ id, at }) => [id, Date.parse(at)]));
  return grouped.map((group, index) => {
    const [first] = group;
    const { type, stream, causationId, actor, data } = first;
    const category = categoryOf(stream);
    const cause = numbers.get(causationId);
    const causedAt = times.get(causationId);
    const last = Math.max(...group.map(({ at }) => Date.parse(at)));
    return {
      number: index + 1,
      category,
      type,
      mark: markOf(type),
      events: group.length,
      afterMs: Math.max(0, Date.parse(first.at) - start),
      cause: cause ?? actor,
      // Clocks of two processes may differ by a little.
      tookMs: causedAt === undefined ? null : Math.max(0, last - causedAt),
      detail: category === 'stock' ? stockDetail(group) : detailOf(type, data, currency),
    };
  });
}
