// Takes, frees and ships stock for a reservation, SKU by SKU, and records on the reservation what the stock streams said.

import type { DomainEvent } from '../../domain/event-catalogue.js';
import { decode } from '../../domain/log/codec.js';
import { Corrupt } from '../../domain/log/errors.js';
import type { EventStore } from '../../domain/log/event-store.js';
import type { Recorded } from '../../domain/log/recorded.js';
import { order } from '../../domain/order/order.js';
import type { ReturnedLine } from '../../domain/order/order-events.js';
import { reservation } from '../../domain/reservation/reservation.js';
import { available, type Stock, type StockCommand, stock } from '../../domain/stock/stock.js';
import type { Allocation, Item, Shortage } from '../../domain/values.js';
import type { CommandHandler } from '../command-handler.js';
import { derivedId } from '../event-identity.js';
import { inParallel } from '../in-parallel.js';
import { dispatch, dispatchOrRaise, raiseAttention } from './dispatch.js';
import type { Reaction, Reactor } from './reactor.js';

/** The open warehouses in their order of priority. It may be old: what a warehouse has is the stock stream's word. */
export type WarehousePriority = () => Promise<readonly string[]>;

/** How many stock streams one order reads or writes at once. */
const inFlight = 16;

/** The order's claim on its SKUs, as the request behind the reservation made it. */
interface Claim {
  readonly orderId: string;
  readonly items: readonly Item[];
  readonly requestedAt: string;
}

type Taken =
  | { readonly outcome: 'taken'; readonly allocations: readonly Allocation[] }
  | { readonly outcome: 'short'; readonly shortages: readonly Shortage[] }
  /** The claim was closed meanwhile: nothing is to be recorded. */
  | { readonly outcome: 'over' };

/** The reactor that serves the reservations. */
export function reservationWorker(handler: CommandHandler, store: EventStore, priority: WarehousePriority): Reactor {
  return (recorded) => {
    const orderId = recorded.metadata.$correlationId;
    const reaction = (run: () => Promise<void>): readonly Reaction[] => [
      { lane: `inventory-${orderId}`, what: `stock after ${recorded.event.type}`, run },
    ];
    switch (recorded.event.type) {
      case 'InventoryReservationRequested': {
        const claim = { orderId, items: recorded.event.data.items, requestedAt: String(recorded.position) };
        return reaction(() => reserve(handler, recorded, claim, priority));
      }
      case 'InventoryReservationFailed':
        return reaction(async () => freeTaken(handler, recorded, await claimOf(handler, store, orderId)));
      case 'InventoryReleaseRequested':
        return reaction(async () => release(handler, recorded, await claimOf(handler, store, orderId)));
      case 'OrderShipped':
        return reaction(async () => ship(handler, recorded, await claimOf(handler, store, orderId)));
      case 'OrderReturnAccepted': {
        const accepted = recorded.event.data;
        return reaction(() => restock(handler, store, recorded, accepted));
      }
      default:
        return [];
    }
  };
}

async function claimOf(handler: CommandHandler, store: EventStore, orderId: string): Promise<Claim> {
  const { state } = await handler.load(reservation, orderId);
  for await (const { position } of store.readStream(`${reservation.category}-${orderId}`, { limit: 1 }))
    return { orderId, items: state.items, requestedAt: String(position) };
  throw new Corrupt(`The stream ${reservation.category}-${orderId} is empty, though an event of it was read.`);
}

/** All or nothing over the order's SKUs: looked at all of them first, then taken one after another in SKU order. */
async function reserve(handler: CommandHandler, trigger: Recorded<DomainEvent>, claim: Claim, priority: WarehousePriority) {
  const { state } = await handler.load(reservation, claim.orderId, trigger.revision);
  if (state.status !== 'REQUESTED') return;
  const seen = claim.items.length > 1 ? await shortagesOf(handler, claim, claim.items) : [];
  const taken: Taken =
    seen.length > 0 ? { outcome: 'short', shortages: seen } : await take(handler, trigger, claim, await priority());
  if (taken.outcome === 'over') return;
  const command =
    taken.outcome === 'taken'
      ? ({ type: 'RecordReserved', allocations: taken.allocations } as const)
      : ({ type: 'RecordShortage', shortages: taken.shortages } as const);
  // A refusal means that the release came first; it closes what was taken.
  await dispatch(handler, trigger, reservation, claim.orderId, command);
}

/** The items that are short by their streams' last word. What the order holds already is not short. */
async function shortagesOf(handler: CommandHandler, { orderId }: Claim, items: readonly Item[]): Promise<readonly Shortage[]> {
  const enough = (state: Stock, quantity: number) => state.open.has(orderId) || available(state) >= quantity;
  const found = await inParallel(items, inFlight, async ({ sku, quantity }): Promise<Shortage | null> => {
    const cached = await handler.load(stock, sku);
    if (enough(cached.state, quantity)) return null;
    const { state } = await handler.load(stock, sku, 'head');
    return enough(state, quantity) ? null : { sku, requested: quantity, available: available(state) };
  });
  return found.filter((shortage) => shortage !== null);
}

async function take(
  handler: CommandHandler,
  trigger: Recorded<DomainEvent>,
  claim: Claim,
  priority: readonly string[],
): Promise<Taken> {
  const { orderId, requestedAt, items } = claim;
  const allocations: Allocation[] = [];
  for (const [index, { sku, quantity }] of items.entries()) {
    const command: StockCommand = { type: 'ReserveStock', orderId, requestedAt, quantity, priority };
    let outcome = await dispatch(handler, trigger, stock, sku, command);
    if (outcome.outcome === 'refused' && outcome.refusal.code === 'reservation-unknown') {
      const { state } = await handler.load(reservation, orderId, 'head');
      if (state.status !== 'REQUESTED') return { outcome: 'over' };
      outcome = await dispatch(handler, trigger, stock, sku, { ...command, stillOpen: true });
    }
    if (outcome.outcome === 'refused') {
      if (outcome.refusal.code !== 'stock-insufficient') return { outcome: 'over' };
      const { requested, available } = outcome.refusal;
      const others = await shortagesOf(handler, claim, items.slice(index + 1));
      return { outcome: 'short', shortages: [{ sku, requested, available }, ...others] };
    }
    for (const portion of outcome.state.open.get(orderId) ?? []) allocations.push({ sku, ...portion });
  }
  return { outcome: 'taken', allocations };
}

/** After a shortage: what was taken is freed at once, for a reservation that failed can never be captured. */
async function freeTaken(handler: CommandHandler, trigger: Recorded<DomainEvent>, claim: Claim): Promise<void> {
  await inParallel(claim.items, inFlight, async ({ sku }) => {
    const { state } = await handler.load(stock, sku, 'head');
    if (state.open.has(claim.orderId)) await closeClaim(handler, trigger, claim, sku);
  });
}

/** Closes the claim on every SKU, also where nothing is open, so that a stalled Reserve finds the door closed. */
async function release(handler: CommandHandler, trigger: Recorded<DomainEvent>, claim: Claim): Promise<void> {
  await inParallel(claim.items, inFlight, ({ sku }) => closeClaim(handler, trigger, claim, sku));
  await dispatchOrRaise(handler, trigger, reservation, claim.orderId, { type: 'RecordReleased' });
}

async function closeClaim(handler: CommandHandler, trigger: Recorded<DomainEvent>, { orderId, requestedAt }: Claim, sku: string) {
  await dispatchOrRaise(handler, trigger, stock, sku, { type: 'ReleaseStock', orderId, requestedAt });
}

/** The reserved units leave the house. */
async function ship(handler: CommandHandler, trigger: Recorded<DomainEvent>, claim: Claim): Promise<void> {
  const { orderId, requestedAt } = claim;
  const { state } = await handler.load(reservation, orderId, 'head');
  if (state.status === 'SHIPPED') return;
  const refusals = await inParallel(claim.items, inFlight, async ({ sku }) => {
    const outcome = await dispatch(handler, trigger, stock, sku, { type: 'ShipStock', orderId, requestedAt });
    return outcome.outcome === 'refused' ? `${sku}: ${outcome.refusal.code}` : null;
  });
  const gone = refusals.filter((refusal) => refusal !== null);
  if (gone.length > 0)
    await raiseAttention(handler, trigger, 'stock-gone', `Nothing was reserved to be shipped: ${gone.join(', ')}`);
  else await dispatchOrRaise(handler, trigger, reservation, orderId, { type: 'RecordShipped' });
}

/** What came back goes to the warehouse that gave it: the first, where several did. */
async function restock(
  handler: CommandHandler,
  store: EventStore,
  trigger: Recorded<DomainEvent>,
  { returnId, lines }: { readonly returnId: string; readonly lines: readonly ReturnedLine[] },
): Promise<void> {
  const orderId = trigger.metadata.$correlationId;
  const { state } = await handler.load(order, orderId, trigger.revision);
  const origin = await originOf(store, orderId);
  await inParallel(lines, inFlight, async ({ line, quantity, condition }, index) => {
    const sku = state.lines.find((ordered) => ordered.line === line)?.sku;
    const warehouse = sku === undefined ? undefined : origin.get(sku);
    if (sku === undefined || warehouse === undefined)
      return raiseAttention(handler, trigger, 'return-without-origin', `Line ${line} came back, and no warehouse had given it.`);
    const commandId = derivedId(returnId, 'restock', index);
    const command: StockCommand = { type: 'ReturnStock', commandId, returnId, orderId, warehouse, quantity, condition };
    await dispatchOrRaise(handler, trigger, stock, sku, command, { as: `ReturnStock ${index}` });
  });
}

/** The warehouse that gave each SKU of an order. */
async function originOf(store: EventStore, orderId: string): Promise<ReadonlyMap<string, string>> {
  const origin = new Map<string, string>();
  for await (const stored of store.readStream(`${reservation.category}-${orderId}`)) {
    const { event } = decode(stored);
    if (event.type !== 'InventoryReserved') continue;
    for (const { sku, warehouse } of event.data.allocations) if (!origin.has(sku)) origin.set(sku, warehouse);
  }
  return origin;
}
