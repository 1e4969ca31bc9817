// The story of an order as a person reads it in a terminal.

import { money, painter, type Style, took, whole } from '../text.js';
import type { ShownOrder } from './read.js';
import type { Mark, StoryRow } from './story.js';

const marks: Readonly<Record<Mark, { readonly sign: string; readonly colour: 'green' | 'red' | 'yellow' | null }>> = {
  step: { sign: ' ', colour: null },
  reached: { sign: '✓', colour: 'green' },
  failed: { sign: '✗', colour: 'red' },
  undone: { sign: '↶', colour: 'yellow' },
};

const statusColour = (status: string) =>
  status === 'CANCELLED' ? 'yellow' : ['CONFIRMED', 'SHIPPED', 'DELIVERED'].includes(status) ? 'green' : null;

const widest = (cells: readonly string[]): number => Math.max(0, ...cells.map((cell) => cell.length));

function heading(order: ShownOrder, paint: (style: Style | null, text: string) => string): string[] {
  const { id, reference, status, cancelling, cancellation, customerId, lines, total, currency, placedAt, attention } = order;
  const units = lines.reduce((sum, line) => sum + line.quantity, 0);
  const named = reference === null ? `Order ${id}` : `Order ${reference} (${id})`;
  const why = cancellation === null ? '' : `, ${cancellation.reason}`;
  return [
    `${paint('bold', named)}: ${paint(statusColour(status), status)}${cancelling ? ', being cancelled' : ''}${why}`,
    `Customer ${customerId}, ${whole(lines.length)} ${lines.length === 1 ? 'line' : 'lines'}, ${whole(units)} ${units === 1 ? 'unit' : 'units'}, ${money(total, currency)}, placed ${placedAt}`,
    ...(attention === null ? [] : [`It waits for a person: ${attention.code}: ${attention.detail}`]),
  ];
}

/** How it ended, in a sentence. */
function ending(order: ShownOrder, rows: readonly StoryRow[]): string {
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  const last = rows.at(-1);
  const length = last === undefined ? '' : ` in ${took(Math.max(...rows.map(({ afterMs }) => afterMs)))}`;
  const has = (type: string) => rows.some((row) => row.type === type);
  const told = `${whole(events)} events${length}.`;
  if (order.status !== 'CANCELLED') return told;
  if (!has('OrderPaymentRefunded') && !has('PaymentVoided')) return `${told} Nothing was taken, and nothing is held.`;
  const money = has('OrderPaymentRefunded') ? 'the money was given back' : 'the payment was voided';
  const stock = has('InventoryReleased') ? ' first, then the stock was freed' : '';
  return `${told} Undone: ${money}${stock}.`;
}

export interface StoryTextOptions {
  readonly colours: boolean;
}

/** One line an event: its number, when it came, how long after its cause, which cause that was, and what it says. */
export function storyText(order: ShownOrder, rows: readonly StoryRow[], { colours }: StoryTextOptions): string {
  const paint = painter(colours);
  const cells = rows.map((row) => ({
    row,
    number: String(row.number),
    after: `+${took(row.afterMs)}`,
    took: row.tookMs === null ? '' : took(row.tookMs),
    cause: typeof row.cause === 'number' ? `← ${row.cause}` : row.cause,
    type: row.events === 1 ? row.type : `${row.type} ×${row.events}`,
  }));
  const width = {
    number: widest(cells.map(({ number }) => number)),
    after: widest([...cells.map(({ after }) => after), 'at']),
    took: widest([...cells.map((cell) => cell.took), 'took']),
    cause: widest([...cells.map(({ cause }) => cause), 'cause']),
    category: widest(rows.map(({ category }) => category)),
    type: widest(cells.map(({ type }) => type)),
  };
  const head = `${'#'.padStart(width.number)}  ${'at'.padStart(width.after)}  ${'took'.padStart(width.took)}  ${'cause'.padEnd(width.cause)}  what happened`;
  const lines = cells.map(({ row, number, after, took, cause, type }) => {
    const { sign, colour } = marks[row.mark];
    const place = `${number.padStart(width.number)}  ${after.padStart(width.after)}  ${took.padStart(width.took)}  ${cause.padEnd(width.cause)}`;
    const event = `${sign} ${row.category.padEnd(width.category)}  ${row.detail === '' ? type : type.padEnd(width.type)}`;
    const detail = row.detail === '' ? '' : `  ${row.detail}`;
    return `${paint('dim', place)}  ${paint(row.category === 'stock' && colour === null ? 'dim' : colour, event)}${detail}`;
  });
  return [...heading(order, paint), '', paint('dim', head), ...lines, '', ending(order, rows), ''].join('\n');
}
