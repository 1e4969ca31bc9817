import { describe, it } from 'vitest';
import { type ReservationCommand, type ReservationEvent, reservation } from '../../../src/domain/reservation/reservation.js';
import { given } from '../given-when-then.js';

const orderId = '01985c5e-0000-7000-8000-000000000001';
const items = [{ sku: '22465', quantity: 13 }];
const allocations = [{ sku: '22465', warehouse: 'main', quantity: 13 }];
const shortages = [{ sku: '22465', requested: 13, available: 5 }];

const requested: ReservationEvent = { type: 'InventoryReservationRequested', data: { orderId, items } };
const reserved: ReservationEvent = { type: 'InventoryReserved', data: { allocations } };
const failed: ReservationEvent = { type: 'InventoryReservationFailed', data: { shortages } };
const releasing: ReservationEvent = { type: 'InventoryReleaseRequested', data: {} };
const released: ReservationEvent = { type: 'InventoryReleased', data: {} };
const shipped: ReservationEvent = { type: 'InventoryShipped', data: {} };
const abandoned: ReservationEvent = { type: 'ReservationAbandoned', data: { orderId } };

const request: ReservationCommand = { type: 'RequestReservation', orderId, items };
const recordReserved: ReservationCommand = { type: 'RecordReserved', allocations };
const recordShortage: ReservationCommand = { type: 'RecordShortage', shortages };
const release: ReservationCommand = { type: 'RequestRelease', orderId };
const recordReleased: ReservationCommand = { type: 'RecordReleased' };
const recordShipped: ReservationCommand = { type: 'RecordShipped' };

describe('a reservation', () => {
  it('is requested once', () => {
    given(reservation).when(request).thenEvents(requested);
    given(reservation, [requested]).when(request).thenNothing();
  });
  it('is made whole by one event, once', () => {
    given(reservation, [requested]).when(recordReserved).thenEvents(reserved);
    given(reservation, [requested, reserved]).when(recordReserved).thenNothing();
  });
  it('says what was short, and that is final', () => {
    given(reservation, [requested]).when(recordShortage).thenEvents(failed);
    given(reservation, [requested, failed]).when(recordShortage).thenNothing();
    given(reservation, [requested, failed]).when(recordReserved).thenNothing();
  });
  it.each([
    ['REQUESTED', [requested]],
    ['RESERVED', [requested, reserved]],
    ['FAILED', [requested, failed]],
  ])('is released from %s', (_, history) => given(reservation, history).when(release).thenEvents(releasing));
  it('is released once, after every SKU is free', () => {
    given(reservation, [requested, reserved, releasing]).when(release).thenNothing();
    given(reservation, [requested, reserved, releasing]).when(recordReleased).thenEvents(released);
    given(reservation, [requested, reserved, releasing, released]).when(recordReleased).thenNothing();
  });
  it('that was released before it was made whole stays released', () =>
    given(reservation, [requested, releasing]).when(recordReserved).thenNothing());
  it('that was released before it was requested finds the door closed', () => {
    given(reservation).when(release).thenEvents(abandoned);
    given(reservation, [abandoned]).when(request).thenNothing();
    given(reservation, [abandoned]).when(release).thenNothing();
  });
  it('is shipped once, when it is whole', () => {
    given(reservation, [requested, reserved]).when(recordShipped).thenEvents(shipped);
    given(reservation, [requested, reserved, shipped]).when(recordShipped).thenNothing();
    given(reservation, [requested])
      .when(recordShipped)
      .thenRefused({ code: 'reservation-state', status: 'REQUESTED', command: 'RecordShipped' });
  });
  it('that was shipped is not released', () =>
    given(reservation, [requested, reserved, shipped])
      .when(release)
      .thenRefused({ code: 'reservation-state', status: 'SHIPPED', command: 'RequestRelease' }));
});
