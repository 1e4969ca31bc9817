import fc from 'fast-check';
import { v5 as uuid5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/commands/command.js';
import { derivedId, encodeDecided } from '../../src/commands/event-identity.js';

const context = {
  commandId: '01985c5e-0000-7000-8000-000000000001',
  correlationId: '01985c5e-0000-7000-8000-000000000002',
  actor: 'test',
  at: '2026-01-01T00:00:00.000Z',
};

describe('a derived id', () => {
  it('is the UUIDv5 of its names, whatever they are', () =>
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat()), { minLength: 1 }),
        (namespace, names) => {
          expect(derivedId(namespace, ...names)).toBe(uuid5(names.join('/'), namespace));
        },
      ),
    ));
});

describe('the events of a command', () => {
  const event = { type: 'OrderDelivered', data: {} } as const;
  const idsOf = (stream: string, over: Partial<CommandContext> = {}) =>
    encodeDecided([event, event], stream, { ...context, ...over }, '0').map(({ id }) => id);
  it('have the same ids each time that they are decided', () => expect(idsOf('order-1')).toEqual(idsOf('order-1')));
  it('have other ids by place, stream and command', () => {
    const commandId = '01985c5e-0000-7000-8000-000000000003';
    expect(new Set([...idsOf('order-1'), ...idsOf('order-2'), ...idsOf('order-1', { commandId })]).size).toBe(6);
  });
  it('have other ids in another run of the command, and say that they are of the same one', () => {
    const runId = '01985c5e-0000-7000-8000-000000000004';
    expect(new Set([...idsOf('order-1'), ...idsOf('order-1', { runId })]).size).toBe(4);
    const [first] = encodeDecided([event], 'order-1', { ...context, runId }, '0');
    expect(JSON.parse(Buffer.from(first?.metadata ?? []).toString('utf8')).commandId).toBe(context.commandId);
  });
});
