// The hand-written half of the wire format against the client package's generated half.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchSuccess, caughtUp, checkpoint } from '../../../../src/adapters/embedded/event-node/answers.js';
import { batchFailure } from '../../../../src/adapters/embedded/event-node/append-answers.js';
import {
  decodeAppendMessage,
  decodeBatchMessage,
  type Expected,
  type ProposedEvent,
  type Target,
} from '../../../../src/adapters/embedded/event-node/proposal.js';
import {
  readStored,
  storedId,
  storedSize,
  TOMBSTONE_REVISION,
  writeStored,
} from '../../../../src/adapters/embedded/event-node/stored-event.js';

const large = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const uuid = fc.uuid();
const expectedRevision: fc.Arbitrary<Expected> = fc.oneof(
  large,
  fc.constantFrom('any' as const, 'no-stream' as const, 'exists' as const),
);

const proposed = fc.record({
  id: uuid,
  type: text.map((type) => Buffer.from(type)),
  json: fc.boolean(),
  metadata: bytes,
  data: bytes,
});

const targetOf = (stream: string, expected: Expected): Target => ({
  stream,
  name: Buffer.from(stream),
  expected,
  deadline: undefined,
});

function identifierOf(stream: string): shared.StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
}

function message<Message extends streams.BatchAppendReq.ProposedMessage | streams.AppendReq.ProposedMessage>(
  into: Message,
  event: ProposedEvent,
) {
  const id = new shared.UUID();
  id.setString(event.id ?? '');
  into.setId(id);
  into.getMetadataMap().set('type', event.type.toString('utf8'));
  into.getMetadataMap().set('content-type', event.json ? 'application/json' : 'application/octet-stream');
  into.setCustomMetadata(event.metadata);
  into.setData(event.data);
  return into;
}

describe('a stored event', () => {
  it('is the ReadResp that the generated decoder expects, in as many bytes as was said', () => {
    fc.assert(
      fc.property(proposed, text, large, large, (event, stream, revision, position) => {
        const placement = { name: Buffer.from(stream), ticks: Buffer.from('17637264000000000') };
        const stored = Buffer.alloc(storedSize(event, placement, revision, position) + 3);
        const end = writeStored(stored, 0, event, placement, revision, position);
        expect(end).toBe(stored.length - 3);
        const read = streams.ReadResp.deserializeBinary(stored.subarray(0, end)).getEvent();
        const record = read?.getEvent();
        expect(read?.getCommitPosition()).toBe(String(position));
        expect(record?.getId()?.getString()).toBe(event.id);
        expect(Buffer.from(record?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8')).toBe(stream);
        expect(record?.getStreamRevision()).toBe(String(revision));
        expect([record?.getCommitPosition(), record?.getPreparePosition()]).toEqual([String(position), String(position)]);
        expect(new Map(record?.getMetadataMap().getEntryList())).toEqual(
          new Map([
            ['type', event.type.toString('utf8')],
            ['content-type', event.json ? 'application/json' : 'application/octet-stream'],
            ['created', placement.ticks.toString()],
          ]),
        );
        expect(Buffer.from(record?.getData_asU8() ?? [])).toEqual(event.data);
        expect(Buffer.from(record?.getCustomMetadata_asU8() ?? [])).toEqual(event.metadata);
      }),
    );
  });

  it('shows the last revision there can be where it is a tombstone, which no number holds', () => {
    fc.assert(
      fc.property(proposed, text, large, (event, stream, position) => {
        const placement = { name: Buffer.from(stream), ticks: Buffer.from('17637264000000000') };
        const stored = Buffer.alloc(storedSize(event, placement, TOMBSTONE_REVISION, position));
        expect(writeStored(stored, 0, event, placement, TOMBSTONE_REVISION, position)).toBe(stored.length);
        const record = streams.ReadResp.deserializeBinary(stored).getEvent()?.getEvent();
        expect(record?.getStreamRevision()).toBe('9223372036854775807');
        expect(record?.getCommitPosition()).toBe(String(position));
        expect(readStored(stored)).toMatchObject({ id: event.id, stream });
      }),
    );
  });

  it('gives back the parts that the node itself looks at', () => {
    fc.assert(
      fc.property(proposed, text, (event, stream) => {
        const placement = { name: Buffer.from(stream), ticks: Buffer.from('17637264001230000') };
        const stored = Buffer.alloc(storedSize(event, placement, 7, 4096));
        writeStored(stored, 0, event, placement, 7, 4096);
        expect(readStored(stored)).toEqual({
          id: event.id,
          stream,
          type: event.type.toString('utf8'),
          created: 1_763_726_400_123,
          data: event.data,
        });
        expect(storedId(stored)).toBe(event.id);
      }),
    );
  });
});

describe('an append request', () => {
  it('of the batch stream is decoded as the generated encoder wrote it', () => {
    fc.assert(
      fc.property(
        fc.array(proposed, { maxLength: 4 }),
        text,
        expectedRevision,
        uuid,
        fc.boolean(),
        (events, stream, expected, correlation, isFinal) => {
          const options = new streams.BatchAppendReq.Options();
          options.setStreamIdentifier(identifierOf(stream));
          if (typeof expected === 'number') options.setStreamPosition(String(expected));
          const request = new streams.BatchAppendReq();
          const id = new shared.UUID();
          id.setString(correlation);
          request.setCorrelationId(id);
          request.setOptions(options);
          for (const event of events) request.addProposedMessages(message(new streams.BatchAppendReq.ProposedMessage(), event));
          request.setIsFinal(isFinal);
          const decoded = decodeBatchMessage(Buffer.from(request.serializeBinary()));
          expect(shared.UUID.deserializeBinary(decoded.correlation).getString()).toBe(correlation);
          expect(decoded.target?.stream).toBe(stream);
          if (typeof expected === 'number') expect(decoded.target?.expected).toBe(expected);
          expect(decoded.events).toEqual(events);
          expect(decoded.isFinal).toBe(isFinal);
        },
      ),
    );
  });

  it('of the single call is decoded as the generated encoder wrote it', () => {
    fc.assert(
      fc.property(proposed, text, expectedRevision, (event, stream, expected) => {
        const options = new streams.AppendReq.Options();
        options.setStreamIdentifier(identifierOf(stream));
        const empty = new shared.Empty();
        if (typeof expected === 'number') options.setRevision(String(expected));
        else if (expected === 'any') options.setAny(empty);
        else if (expected === 'exists') options.setStreamExists(empty);
        else options.setNoStream(empty);
        const header = new streams.AppendReq();
        header.setOptions(options);
        const body = new streams.AppendReq();
        body.setProposedMessage(message(new streams.AppendReq.ProposedMessage(), event));
        expect(decodeAppendMessage(Buffer.from(header.serializeBinary())).target).toMatchObject({ stream, expected });
        expect(decodeAppendMessage(Buffer.from(body.serializeBinary())).event).toEqual(event);
      }),
    );
  });

  it('takes an id as two numbers, or as text in capitals', () => {
    const decodedId = (id: shared.UUID): string | undefined => {
      const proposal = new streams.AppendReq.ProposedMessage();
      proposal.setId(id);
      const body = new streams.AppendReq();
      body.setProposedMessage(proposal);
      return decodeAppendMessage(Buffer.from(body.serializeBinary())).event?.id;
    };
    const halves = new shared.UUID.Structured();
    halves.setMostSignificantBits('-1');
    halves.setLeastSignificantBits('255');
    const structured = new shared.UUID();
    structured.setStructured(halves);
    const capitals = new shared.UUID();
    capitals.setString('C0FFEE00-0000-4000-8000-00000000000F');
    const nonsense = new shared.UUID();
    nonsense.setString('not a uuid');
    expect([structured, capitals, nonsense].map(decodedId)).toEqual([
      'ffffffff-ffff-ffff-0000-0000000000ff',
      'c0ffee00-0000-4000-8000-00000000000f',
      undefined,
    ]);
  });

  it('is refused where it is cut short', () => {
    const request = new streams.BatchAppendReq();
    const options = new streams.BatchAppendReq.Options();
    options.setStreamIdentifier(identifierOf('order-1'));
    request.setOptions(options);
    const whole = Buffer.from(request.serializeBinary());
    expect(() => decodeBatchMessage(whole.subarray(0, whole.length - 1))).toThrow(RangeError);
  });
});

describe('an answer', () => {
  const correlation = new shared.UUID();
  correlation.setString('c0ffee00-0000-4000-8000-00000000000f');
  const encodedCorrelation = Buffer.from(correlation.serializeBinary());

  it('to a batch append that succeeded carries revision, position, stream and expectation', () => {
    fc.assert(
      fc.property(text, expectedRevision, large, fc.option(large, { nil: undefined }), (stream, expected, revision, position) => {
        const answer = streams.BatchAppendResp.deserializeBinary(
          batchSuccess(encodedCorrelation, targetOf(stream, expected), revision, position),
        );
        expect(answer.getCorrelationId()?.getString()).toBe(correlation.getString());
        expect(answer.getSuccess()?.getCurrentRevision()).toBe(String(revision));
        expect(answer.getSuccess()?.getPosition()?.getCommitPosition()).toBe(position === undefined ? undefined : String(position));
        expect(answer.getSuccess()?.hasNoPosition()).toBe(position === undefined);
        expect(Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8')).toBe(stream);
        expect([answer.hasNoStream(), answer.hasAny(), answer.hasStreamExists()]).toEqual([
          expected === 'no-stream',
          expected === 'any',
          expected === 'exists',
        ]);
        if (typeof expected === 'number') expect(answer.getStreamPosition()).toBe(String(expected));
      }),
    );
  });

  it('to a conflict carries the expected and the actual revision', () => {
    fc.assert(
      fc.property(text, expectedRevision, fc.oneof(large, fc.constant(-1)), (stream, expected, current) => {
        const bytes = batchFailure(encodedCorrelation, targetOf(stream, expected), { kind: 'wrong-version', current });
        const answer = streams.BatchAppendResp.deserializeBinary(bytes);
        const detail = answer.getError()?.getDetails();
        expect(detail?.getTypeName()).toBe('event_store.client.WrongExpectedVersion');
        const wrong = detail?.unpack(shared.WrongExpectedVersion.deserializeBinary, 'event_store.client.WrongExpectedVersion');
        expect(wrong?.hasCurrentNoStream()).toBe(current < 0);
        if (current >= 0) expect(wrong?.getCurrentStreamRevision()).toBe(String(current));
        expect([wrong?.hasExpectedNoStream(), wrong?.hasExpectedAny(), wrong?.hasExpectedStreamExists()]).toEqual([
          expected === 'no-stream',
          expected === 'any',
          expected === 'exists',
        ]);
        if (typeof expected === 'number') expect(wrong?.getExpectedStreamPosition()).toBe(String(expected));
      }),
    );
  });

  it.each([
    [{ kind: 'stream-deleted' }, 'StreamDeleted', status.FAILED_PRECONDITION],
    [{ kind: 'too-large' }, 'MaximumAppendSizeExceeded', status.INVALID_ARGUMENT],
    [{ kind: 'timeout' }, 'Timeout', status.DEADLINE_EXCEEDED],
    [{ kind: 'bad-request', reason: 'why' }, 'BadRequest', status.INVALID_ARGUMENT],
    [{ kind: 'incomplete', property: 'type' }, 'BadRequest', status.INVALID_ARGUMENT],
    [{ kind: 'access-denied' }, 'AccessDenied', status.PERMISSION_DENIED],
    [{ kind: 'read-only', reason: 'why' }, 'Unknown', status.UNAVAILABLE],
    [{ kind: 'unknown', reason: 'why' }, 'Unknown', status.UNKNOWN],
  ] as const)('to a batch append that failed names the kind: %j is %s', (failure, name, code) => {
    fc.assert(
      fc.property(text, expectedRevision, (stream, expected) => {
        const answer = streams.BatchAppendResp.deserializeBinary(
          batchFailure(encodedCorrelation, targetOf(stream, expected), failure),
        );
        expect(answer.getCorrelationId()?.getString()).toBe(correlation.getString());
        expect(Buffer.from(answer.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8')).toBe(stream);
        expect(answer.getError()?.getDetails()?.getTypeName()).toBe(`event_store.client.${name}`);
        expect(answer.getError()?.getCode()).toBe(code);
        expect(answer.getError()?.getMessage()).not.toBe('');
      }),
    );
  });

  it('says caught-up, and where a filter has got to', () => {
    expect(streams.ReadResp.deserializeBinary(caughtUp).hasCaughtUp()).toBe(true);
    fc.assert(
      fc.property(large, (position) => {
        const reached = streams.ReadResp.deserializeBinary(checkpoint(position)).getCheckpoint();
        expect([reached?.getCommitPosition(), reached?.getPreparePosition()]).toEqual([String(position), String(position)]);
      }),
    );
  });
});
