// The reservation of one order over all its SKUs: it makes the whole of what the stock streams gave one by one. Its stream is
// `reservation-{orderId}`; the reservation worker reads its requests and records what the stock streams said.

import { z } from 'zod';
import { type Decider, decided, type EventOf, nothing, refused, unreachable } from '../decider.js';
import { type Allocation, allocation, type Item, item, type Shortage, shortage } from '../values.js';

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

export const reservationEvents = {
  InventoryReservationRequested: z.object({ orderId: z.uuid(), items: z.array(item).min(1) }),
  InventoryReserved: z.object({ allocations: z.array(allocation).min(1) }),
  InventoryReservationFailed: z.object({ shortages: z.array(shortage).min(1) }),
  InventoryReleaseRequested: z.object({}),
  InventoryReleased: z.object({}),
  InventoryShipped: z.object({}),
  /** A release that came before any request: a late request finds the door closed. */
  ReservationAbandoned: z.object({ orderId: z.uuid() }),
};
export type ReservationEvent = EventOf<typeof reservationEvents>;

// ── State ───────────────────────────────────────────────────────────────────────────────────────

export type ReservationStatus = 'NONE' | 'REQUESTED' | 'RESERVED' | 'FAILED' | 'RELEASING' | 'RELEASED' | 'ABANDONED' | 'SHIPPED';

export interface Reservation {
  readonly status: ReservationStatus;
  /** Summed by SKU, in SKU order. */
  readonly items: readonly Item[];
}

const initialState: Reservation = { status: 'NONE', items: [] };

function evolve(reservation: Reservation, event: ReservationEvent): Reservation {
  switch (event.type) {
    case 'InventoryReservationRequested':
      return { status: 'REQUESTED', items: event.data.items };
    case 'InventoryReserved':
      return { ...reservation, status: 'RESERVED' };
    case 'InventoryReservationFailed':
      return { ...reservation, status: 'FAILED' };
    case 'InventoryReleaseRequested':
      return { ...reservation, status: 'RELEASING' };
    case 'InventoryReleased':
      return { ...reservation, status: 'RELEASED' };
    case 'InventoryShipped':
      return { ...reservation, status: 'SHIPPED' };
    case 'ReservationAbandoned':
      return { ...reservation, status: 'ABANDONED' };
    default:
      return unreachable(event);
  }
}

// ── Decisions ───────────────────────────────────────────────────────────────────────────────────

export type ReservationCommand =
  | { type: 'RequestReservation'; orderId: string; items: readonly Item[] }
  | { type: 'RecordReserved'; allocations: readonly Allocation[] }
  | { type: 'RecordShortage'; shortages: readonly Shortage[] }
  | { type: 'RequestRelease'; orderId: string }
  | { type: 'RecordReleased' }
  | { type: 'RecordShipped' };

export type ReservationRefusal = { code: 'reservation-state'; status: ReservationStatus; command: ReservationCommand['type'] };

function decide(command: ReservationCommand, { status }: Reservation) {
  const impossible = () => refused<ReservationRefusal>({ code: 'reservation-state', status, command: command.type });
  switch (command.type) {
    case 'RequestReservation': {
      if (status !== 'NONE') return nothing;
      const { orderId, items } = command;
      return decided<ReservationEvent>({ type: 'InventoryReservationRequested', data: { orderId, items: [...items] } });
    }
    // What a worker says of a reservation that has come to another end meanwhile is late; a release closes what it took.
    case 'RecordReserved':
      if (status === 'NONE' || status === 'ABANDONED') return impossible();
      if (status !== 'REQUESTED') return nothing;
      return decided<ReservationEvent>({ type: 'InventoryReserved', data: { allocations: [...command.allocations] } });
    case 'RecordShortage':
      if (status === 'NONE' || status === 'ABANDONED') return impossible();
      if (status !== 'REQUESTED') return nothing;
      return decided<ReservationEvent>({ type: 'InventoryReservationFailed', data: { shortages: [...command.shortages] } });
    case 'RequestRelease':
      if (status === 'NONE') return decided<ReservationEvent>({ type: 'ReservationAbandoned', data: { orderId: command.orderId } });
      if (status === 'SHIPPED') return impossible();
      if (status === 'RELEASING' || status === 'RELEASED' || status === 'ABANDONED') return nothing;
      return decided<ReservationEvent>({ type: 'InventoryReleaseRequested', data: {} });
    case 'RecordReleased':
      if (status === 'RELEASED' || status === 'ABANDONED') return nothing;
      if (status !== 'RELEASING') return impossible();
      return decided<ReservationEvent>({ type: 'InventoryReleased', data: {} });
    case 'RecordShipped':
      if (status === 'SHIPPED') return nothing;
      if (status !== 'RESERVED') return impossible();
      return decided<ReservationEvent>({ type: 'InventoryShipped', data: {} });
    default:
      return unreachable(command);
  }
}

export const reservation: Decider<Reservation, ReservationCommand, ReservationEvent, ReservationRefusal> = {
  category: 'reservation',
  initialState,
  evolve,
  decide,
};
