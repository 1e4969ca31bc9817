// Our hand-written bytes against those of the client package's generated stubs.

import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAnswer } from '../../../src/adapters/eventstore/append-answers.js';
import { encodeAppend } from '../../../src/adapters/eventstore/append-messages.js';
import { decodeReadMessage } from '../../../src/adapters/eventstore/read-messages.js';
import type { ExpectedRevision } from '../../../src/domain/log/event-store.js';
import { delivered, refusal, success } from './fake-server.js';

const { BatchAppendReq, ReadResp } = streamsMessages;

const bytes = fc.uint8Array({ maxLength: 300 });
const events = fc.array(
  fc.record({ id: fc.uuid(), type: fc.string({ unit: 'grapheme' }), isJson: fc.boolean(), data: bytes, metadata: bytes }),
  { minLength: 1, maxLength: 4 },
);
const expectedRevision: fc.Arbitrary<ExpectedRevision> = fc.oneof(fc.constant('no-stream' as const), fc.maxSafeNat());

/** A request as the server sees it: sent under a number, in the stubs' other UUID form or in ours. */
function requestUnder(correlation: number, form: 'text' | 'halves') {
  const request = new BatchAppendReq();
  const id = new sharedMessages.UUID();
  if (form === 'text') id.setString(`00000000-1234-4567-0000-${correlation.toString(16).padStart(12, '0')}`);
  else {
    const halves = new sharedMessages.UUID.Structured();
    halves.setMostSignificantBits('4711');
    halves.setLeastSignificantBits(String(correlation));
    id.setStructured(halves);
  }
  request.setCorrelationId(id);
  return request;
}

const number = (field: number, value: number): number[] => [field << 3, value];

describe('an append on the wire', () => {
  it('is, byte for byte, what the generated stubs would have sent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 47 }),
        fc.integer({ min: 1, max: 2 ** 47 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        events,
        expectedRevision,
        fc.integer({ min: 1e12, max: 4e12 }),
        (call, correlation, stream, proposed, expected, deadline) => {
          const ours = encodeAppend(call, correlation, stream, proposed, expected, deadline);
          const read = BatchAppendReq.deserializeBinary(ours);
          expect(Buffer.from(read.serializeBinary()).equals(ours)).toBe(true);

          const options = read.getOptions();
          const id = read.getCorrelationId()?.getStructured();
          expect([id?.getMostSignificantBits(), id?.getLeastSignificantBits()]).toEqual([String(call), String(correlation)]);
          expect(Buffer.from(options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
          expect(options?.hasNoStream()).toBe(expected === 'no-stream');
          if (expected !== 'no-stream') expect(options?.getStreamPosition()).toBe(String(expected));
          expect(options?.getDeadline()?.toDate().getTime()).toBe(deadline);
          expect(read.getIsFinal()).toBe(true);
          expect(
            read.getProposedMessagesList().map((message) => ({
              id: message.getId()?.getString(),
              type: message.getMetadataMap().get('type'),
              isJson: message.getMetadataMap().get('content-type') === 'application/json',
              data: message.getData_asU8(),
              metadata: message.getCustomMetadata_asU8(),
            })),
          ).toEqual(proposed);
        },
      ),
    );
  });

  it('refuses an id that is not a UUID before anything is sent', () => {
    const event = { id: 'short', type: 'OrderCreated', data: Buffer.from('{}'), metadata: Buffer.from('{}') };
    expect(() => encodeAppend(1, 1, 'order-1', [event], 'no-stream', 0)).toThrow(TypeError);
  });
});

describe('an answer on the wire', () => {
  it.each(['text', 'halves'] as const)('is matched to its append when the UUID comes back as %s', (form) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 47 }), fc.maxSafeNat(), fc.maxSafeNat(), (correlation, revision, position) => {
        const answer = success(requestUnder(correlation, form), revision, position);
        expect(decodeAnswer(Buffer.from(answer.serializeBinary()))).toEqual({
          correlation,
          outcome: 'appended',
          revision,
          position: BigInt(position),
        });
      }),
    );
  });

  it('may lack the position', () => {
    const answer = success(requestUnder(7, 'halves'), 3);
    expect(decodeAnswer(Buffer.from(answer.serializeBinary()))).toMatchObject({ revision: 3, position: null });
  });

  it.each([
    ['a revision', number(1, 5), 5],
    ['revision 0', number(1, 0), 0],
    ['no stream', [(2 << 3) | 2, 0], 'no-stream'],
  ])('says what a conflicting stream is really at: %s', (_, detail, actual) => {
    const answer = refusal(requestUnder(7, 'halves'), 'WrongExpectedVersion', Buffer.from([...detail, ...number(3, 9)]));
    expect(decodeAnswer(Buffer.from(answer.serializeBinary()))).toEqual({ correlation: 7, outcome: 'conflict', actual });
  });

  it('names the reason of any other refusal', () => {
    const answer = refusal(requestUnder(7, 'halves'), 'AccessDenied');
    const expected = { correlation: 7, outcome: 'refused', reason: 'AccessDenied', message: 'as asked' };
    expect(decodeAnswer(Buffer.from(answer.serializeBinary()))).toEqual(expected);
  });
});

describe('a delivered event on the wire', () => {
  it('keeps its bytes as they were written, and everything the stubs know of it', () => {
    const message = decodeReadMessage(Buffer.from(delivered('order-ä', 4, 1_234_567_890_123).serializeBinary()));
    expect(message).toEqual({
      id: '0190a5ad-6f4f-7000-8000-000000000001',
      type: 'OrderCreated',
      data: Buffer.from('{"total":1}'),
      metadata: Buffer.from('{"actor":"test"}'),
      stream: 'order-ä',
      revision: 4,
      position: 1_234_567_890_123n,
      created: new Date(1_763_700_000_123),
    });
  });

  it('may stand at the log’s very beginning', () => {
    expect(decodeReadMessage(Buffer.from(delivered('order-1', 0, 0).serializeBinary()))).toMatchObject({
      revision: 0,
      position: 0n,
    });
  });

  it('must say where it stands in the log', () => {
    const missing = delivered('order-1', 0, 0);
    missing
      .getEvent()
      ?.getEvent()
      ?.setCommitPosition(String(2n ** 64n - 1n));
    expect(() => decodeReadMessage(Buffer.from(missing.serializeBinary()))).toThrow('order-1@0');
  });

  it('is told from the messages that carry none', () => {
    const caughtUp = new ReadResp();
    caughtUp.setCaughtUp(new ReadResp.CaughtUp());
    const notFound = new ReadResp();
    notFound.setStreamNotFound(new ReadResp.StreamNotFound());
    const checkpoint = new ReadResp();
    checkpoint.setCheckpoint(new ReadResp.Checkpoint());
    const read = [caughtUp, notFound, checkpoint].map((message) => decodeReadMessage(Buffer.from(message.serializeBinary())));
    expect(read).toEqual(['caught-up', 'stream-not-found', 'other']);
  });
});
