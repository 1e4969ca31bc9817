// The reservation's states and inputs for the walk.

import {
  type Reservation,
  type ReservationCommand,
  type ReservationEvent,
  type ReservationRefusal,
  type ReservationStatus,
  reservation,
} from '../../../src/domain/reservation/reservation.js';
import type { Cases } from './cases.js';

const orderId = '01985c5e-0000-7000-8000-000000000001';
const allocations = [{ sku: '22465', warehouse: 'main', quantity: 12 }];
const shortages = [{ sku: '22465', requested: 12, available: 5 }];

const request: ReservationCommand = { type: 'RequestReservation', orderId, items: [{ sku: '22465', quantity: 12 }] };
const reserved: ReservationCommand = { type: 'RecordReserved', allocations };
const short: ReservationCommand = { type: 'RecordShortage', shortages };
const release: ReservationCommand = { type: 'RequestRelease', orderId };
const released: ReservationCommand = { type: 'RecordReleased' };
const shipped: ReservationCommand = { type: 'RecordShipped' };

export const reservationCases: Cases<Reservation, ReservationCommand, ReservationEvent, ReservationRefusal, ReservationStatus> = {
  decider: reservation,
  inputs: {
    RequestReservation: { '-': { orderId, items: request.items } },
    RecordReserved: { '-': { allocations } },
    RecordShortage: { '-': { shortages } },
    RequestRelease: { '-': { orderId } },
    RecordReleased: { '-': {} },
    RecordShipped: { '-': {} },
  },
  standings: {
    NONE: { '-': [] },
    REQUESTED: { '-': [request] },
    RESERVED: { '-': [request, reserved] },
    FAILED: { '-': [request, short] },
    RELEASING: {
      'before it was reserved': [request, release],
      'after it was reserved': [request, reserved, release],
      'after it failed': [request, short, release],
    },
    RELEASED: { '-': [request, reserved, release, released] },
    ABANDONED: { '-': [release] },
    SHIPPED: { '-': [request, reserved, shipped] },
  },
};
