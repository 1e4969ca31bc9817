// Kills the whole platform again and again under load, and holds what is left against what was acknowledged: orders, the payment
// gateway's own ledger, stock.

import { eventually } from '../support/condition.js';
import { type Platform, platformHome } from '../support/platform.js';
import { seeded, startLoad } from './kill-load.js';

export interface KillFigures {
  readonly kills: number;
  readonly asked: number;
  readonly acknowledged: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** More than one order for one request. */
  readonly doubled: number;
  /** Orders that are neither CONFIRMED nor CANCELLED in the end. */
  readonly unsettled: number;
  readonly confirmed: number;
  readonly cancelled: number;
  /** Orders with more than one charge at the gateway. */
  readonly doubleCharges: number;
  /** Orders whose money is not what their status says: captured for CONFIRMED, nothing kept or held for CANCELLED. */
  readonly wrongMoney: number;
  /** Units reserved beyond what is on hand, or beyond (short of) what the confirmed orders hold. */
  readonly oversold: number;
  readonly misreserved: number;
  readonly seconds: number;
}

interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly status: string;
  readonly total: number;
  readonly lines: readonly { sku: string; quantity: number }[];
}

interface LedgerLine {
  readonly status: string;
  readonly charged: boolean;
  readonly metadata: { readonly orderId?: string };
  readonly captured: number;
  readonly refunded: number;
}

const received: Readonly<Record<string, number>> = { PLENTY: 1_000_000, SCARCE: 60 };
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
const isSettled = ({ status }: Order) => status === 'CONFIRMED' || status === 'CANCELLED';

async function everyOrder(platform: Platform): Promise<readonly Order[]> {
  const orders: Order[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const { body } = await platform.get<{ data: Order[]; page: { next: string | null } }>(`/api/v1/orders?limit=100${cursor}`);
    orders.push(...body.data);
    next = body.page.next;
  }
  return orders;
}

/** The gateway's own books, from where the platform said that its simulator is. */
async function ledgerOf(platform: Platform): Promise<readonly LedgerLine[]> {
  const url = /Payments\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(platform.output())?.[1];
  if (url === undefined) throw new Error('The banner does not say where the payment simulator is.');
  const text = await (await fetch(`${url}/ledger`)).text();
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LedgerLine]));
}

function moneyOf(orders: readonly Order[], ledger: readonly LedgerLine[]) {
  const byOrder = grouped(ledger, ({ metadata }) => metadata.orderId ?? '');
  const charges = (id: string) => (byOrder.get(id) ?? []).filter(({ charged }) => charged);
  const kept = (id: string) => (byOrder.get(id) ?? []).reduce((sum, { captured, refunded }) => sum + captured - refunded, 0);
  const held = (id: string) => (byOrder.get(id) ?? []).some(({ status }) => status === 'requires_capture');
  return {
    doubleCharges: orders.filter(({ id }) => charges(id).length > 1).length,
    wrongMoney: orders.filter(({ id, status, total }) => kept(id) !== (status === 'CONFIRMED' ? total : 0) || held(id)).length,
  };
}

async function stockFigures(platform: Platform, orders: readonly Order[]) {
  let oversold = 0;
  let misreserved = 0;
  for (const sku of Object.keys(received)) {
    const { body } = await platform.get<{ onHand: number; reserved: number }>(`/api/v1/stock/${sku}`);
    const lines = orders.filter(({ status }) => status === 'CONFIRMED').flatMap((order) => order.lines);
    const wanted = lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
    oversold += Math.max(0, body.reserved - body.onHand);
    misreserved += Math.abs(body.reserved - wanted) + Math.abs(body.onHand - (received[sku] ?? 0));
  }
  return { oversold, misreserved };
}

/** Runs the campaign in a folder of its own. `report` is told of each kill. */
export async function killCampaign(
  { kills, clients = 8, seed = 1 }: { readonly kills: number; readonly clients?: number; readonly seed?: number },
  report: (line: string) => void = () => {},
): Promise<KillFigures> {
  const began = performance.now();
  const home = await platformHome();
  try {
    let platform = await home.start();
    for (const [sku, quantity] of Object.entries(received))
      await platform.send('POST', `/api/v1/stock/${sku}/receipts`, { warehouse: 'main', quantity });
    const load = startLoad(() => platform, clients, seed);
    const random = seeded(seed + 1);
    for (let kill = 1; kill <= kills; kill += 1) {
      // From right after the start to the middle of the flow.
      const enough = load.acknowledged() + Math.floor(random() ** 2 * 120);
      await eventually(() => load.acknowledged() >= enough, 60_000);
      await platform.killEverything();
      platform = await home.start();
      report(`kill ${kill}: ${load.acknowledged()} orders acknowledged so far`);
    }
    await load.end();
    const { asked } = load;
    const unsettled = async () => (await everyOrder(platform)).filter((order) => !isSettled(order)).length;
    await eventually(async () => (await unsettled()) === 0, 180_000).catch(() => {});
    const orders = await everyOrder(platform);
    const known = new Set(orders.map(({ id }) => id));
    const customers = grouped(orders, ({ customerId }) => customerId);
    return {
      kills,
      asked: asked.length,
      acknowledged: load.acknowledged(),
      lost: asked.filter(({ orderId }) => orderId !== null && !known.has(orderId)).length,
      doubled: [...customers.values()].filter((those) => those.length > 1).length,
      unsettled: orders.filter((order) => !isSettled(order)).length,
      confirmed: orders.filter(({ status }) => status === 'CONFIRMED').length,
      cancelled: orders.filter(({ status }) => status === 'CANCELLED').length,
      ...moneyOf(orders, await ledgerOf(platform)),
      ...(await stockFigures(platform, orders)),
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    await home.remove();
  }
}
