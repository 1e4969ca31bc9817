// The reservation's table of the design as a grid, and the walk through it.

import { walksEveryPair } from './grid.js';
import { reservationCases } from './reservation-cases.js';

walksEveryPair('the reservation, in every pair of state and input', reservationCases, {
  seen: ({ status }) => ({ status }),
  letters: {
    // What should be impossible: whoever asked raises attention on the order.
    x: { refused: 'reservation-state' },
    // A repeat, or late.
    '.': { appends: [] },
    Q: { appends: ['InventoryReservationRequested'], next: { status: 'REQUESTED' } },
    R: { appends: ['InventoryReserved'], next: { status: 'RESERVED' } },
    F: { appends: ['InventoryReservationFailed'], next: { status: 'FAILED' } },
    L: { appends: ['InventoryReleaseRequested'], next: { status: 'RELEASING' } },
    E: { appends: ['InventoryReleased'], next: { status: 'RELEASED' } },
    B: { appends: ['ReservationAbandoned'], next: { status: 'ABANDONED' } },
    S: { appends: ['InventoryShipped'], next: { status: 'SHIPPED' } },
  },
  // NONE; REQUESTED; RESERVED; FAILED; RELEASING: before it was reserved, after, after it failed; RELEASED; ABANDONED; SHIPPED.
  grid: `
    RequestReservation    Q . . . ... . . .
    RecordReserved        x R . . ... . x .
    RecordShortage        x F . . ... . x .
    RequestRelease        B L L L ... . . x
    RecordReleased        x x x x EEE . . x
    RecordShipped         x x S x xxx x x .
  `,
});
