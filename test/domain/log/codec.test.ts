import { describe, expect, it } from 'vitest';
import { decode, encode, MalformedEvent, UnknownEvent } from '../../../src/domain/log/codec.js';
import type { StoredEvent } from '../../../src/domain/log/event-store.js';
import { formatPosition, parsePosition } from '../../../src/domain/log/position.js';

const id = '01985c5e-0000-5000-8000-000000000001';
const metadata = {
  $correlationId: id,
  $causationId: id,
  commandId: id,
  actor: 'anonymous',
  appVersion: '0.1.0',
  occurredAt: '2026-01-01T00:00:00.000Z',
};
const place = { stream: 'order-1', revision: 3, position: 512n, created: new Date(0) };
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const stored = (over: Partial<StoredEvent> = {}): StoredEvent => ({
  ...encode({ type: 'OrderDelivered', data: {} }, id, metadata),
  ...place,
  ...over,
});

describe('the codec', () => {
  it('reads what it wrote', () => {
    const event = { type: 'StockAdjusted', data: { commandId: id, warehouse: 'main', quantity: -3, reason: 'Ünïcode ✓' } } as const;
    expect(decode({ ...encode(event, id, metadata), ...place })).toStrictEqual({
      event,
      id,
      stream: 'order-1',
      revision: 3,
      position: 512n,
      at: '2026-01-01T00:00:00.000Z',
      metadata: { ...metadata, schemaVersion: 1 },
    });
  });
  it('never writes an event that does not fit its schema', () =>
    expect(() => encode({ type: 'ProductDescribed', data: { description: 5 as unknown as string } }, id, metadata)).toThrow(
      MalformedEvent,
    ));
  it('says so when it meets a type that it does not know', () =>
    expect(() => decode(stored({ type: 'OrderTeleported' }))).toThrow(
      /OrderTeleported at order-1@3 \(position 512\).*does not know/,
    ));
  it('says so when it meets a newer version of a type it knows', () =>
    expect(() => decode(stored({ metadata: bytes({ ...metadata, schemaVersion: 2 }) }))).toThrow(UnknownEvent));
  it.each([
    ['data that is not JSON', { data: new TextEncoder().encode('{') }],
    ['data that is not UTF-8', { data: new Uint8Array([0x22, 0xff, 0x22]) }],
    ['data that does not fit', { type: 'ProductDescribed' }],
    ['metadata without a correlation', { metadata: bytes({ ...metadata, $correlationId: undefined, schemaVersion: 1 }) }],
  ])('tells %s from an unknown event', (_, over) => expect(() => decode(stored(over))).toThrow(MalformedEvent));
});

describe('a position token', () => {
  it('is read as it was written', () =>
    expect(parsePosition(formatPosition('k3f9', 2n ** 60n))).toEqual({ logId: 'k3f9', commit: 2n ** 60n }));
  it.each(['', 'k3f9', 'k3f9:', ':5', 'k3f9:-1', 'k3f9:1.5', 'K3F9:1', 'k3f9:9223372036854775808', ' k3f9:1', 'k3f9:1\n'])(
    'is not %j',
    (text) => expect(parsePosition(text)).toBeNull(),
  );
});
