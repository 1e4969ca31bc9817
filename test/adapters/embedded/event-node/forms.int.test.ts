// What the official client never sends or asks for, other clients do: ids as two numbers on reads, events without a property. And what the
// node refuses although an EventStoreDB without security does not.

import { randomUUID } from 'node:crypto';
import { jsonEvent, UnknownError } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, collect, connect, newEvent, newStream, ways } from './connection.js';

let connection: Connection;
let raw: StreamsClient;
beforeAll(async () => {
  connection = await connect();
  raw = new StreamsClient(new URL(connection.url).host, credentials.createInsecure());
});
afterAll(async () => {
  raw.close();
  await connection.close();
});

const identifierOf = (stream: string): shared.StreamIdentifier => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
};

describe('a read that wants ids as two numbers', () => {
  it('is given them in that form', async () => {
    const stream = newStream();
    const id = 'ffffffff-ffff-fffe-0000-0000000000ff';
    await connection.client.appendToStream(stream, [newEvent(0, id)], { expectedRevision: 'no_stream' });
    const place = new streams.ReadReq.Options.StreamOptions();
    place.setStreamIdentifier(identifierOf(stream));
    place.setStart(new shared.Empty());
    const form = new streams.ReadReq.Options.UUIDOption();
    form.setStructured(new shared.Empty());
    const options = new streams.ReadReq.Options();
    options.setStream(place);
    options.setUuidOption(form);
    options.setCount('1');
    options.setNoFilter(new shared.Empty());
    const request = new streams.ReadReq();
    request.setOptions(options);
    const answers: streams.ReadResp[] = await collect(raw.read(request));
    const record = answers
      .find((answer) => answer.hasEvent())
      ?.getEvent()
      ?.getEvent();
    expect(record?.getId()?.getStructured()?.toObject()).toEqual({ mostSignificantBits: '-2', leastSignificantBits: '255' });
  });
});

describe('a filtered read of the whole log', () => {
  it.each([
    ['forwards', [0, 2, 4]],
    ['backwards', [5, 4, 2]],
  ] as const)('%s counts what matches, not what it looks at', async (towards, expected) => {
    const stream = newStream('filtered');
    const other = newStream();
    const type = `Odd${randomUUID()}`;
    for (let n = 0; n < 6; n++) {
      const event = jsonEvent({ type: n === 1 || n === 3 ? 'Other' : type, data: { n } });
      await connection.client.appendToStream(n % 2 === 0 ? stream : other, [event]);
    }
    const all = new streams.ReadReq.Options.AllOptions();
    if (towards === 'forwards') all.setStart(new shared.Empty());
    else all.setEnd(new shared.Empty());
    const types = new streams.ReadReq.Options.FilterOptions.Expression();
    types.setPrefixList([type]);
    const filter = new streams.ReadReq.Options.FilterOptions();
    filter.setEventType(types);
    filter.setMax(32);
    filter.setCheckpointintervalmultiplier(1);
    const form = new streams.ReadReq.Options.UUIDOption();
    form.setString(new shared.Empty());
    const options = new streams.ReadReq.Options();
    options.setAll(all);
    options.setFilter(filter);
    options.setUuidOption(form);
    options.setCount('3');
    const { FORWARDS, BACKWARDS } = streams.ReadReq.Options.ReadDirection;
    options.setReadDirection(towards === 'forwards' ? FORWARDS : BACKWARDS);
    const request = new streams.ReadReq();
    request.setOptions(options);
    const answers: streams.ReadResp[] = await collect(raw.read(request));
    const read = answers.flatMap((answer) => answer.getEvent()?.getEvent()?.getData_asU8() ?? []);
    expect(read.map((data) => JSON.parse(Buffer.from(data).toString()).n)).toEqual(expected);
  });
});

describe('an event without a property that every event has', () => {
  it.each(['type', 'content-type'])('is refused by the single call, which names it: %s', async (missing) => {
    const options = new streams.AppendReq.Options();
    options.setStreamIdentifier(identifierOf(newStream()));
    options.setAny(new shared.Empty());
    const head = new streams.AppendReq();
    head.setOptions(options);
    const id = new shared.UUID();
    id.setString(randomUUID());
    const message = new streams.AppendReq.ProposedMessage();
    message.setId(id);
    for (const property of ['type', 'content-type'])
      if (property !== missing) message.getMetadataMap().set(property, 'application/json');
    const body = new streams.AppendReq();
    body.setProposedMessage(message);
    const error = await new Promise<ServiceError | null>((resolve) => {
      const call = raw.append(resolve);
      call.write(head);
      call.write(body);
      call.end();
    });
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error?.metadata.get('exception')).toEqual(['missing-required-metadata-property']);
    expect(error?.metadata.get('required-metadata-properties')).toEqual(['type,content-type']);
    expect(error?.details).toContain(missing);
  });
});

describe.runIf(process.env.EVENTSTORE_URL === undefined)('what the node refuses and an open EventStoreDB takes', () => {
  describe.each(ways)('$way', ({ options }) => {
    it('an append to $all, which is the whole log', async () => {
      await expect(connection.client.appendToStream('$all', [newEvent()], options)).rejects.toThrow(UnknownError);
    });

    it.each(['[1]', 'null', '"text"'])('metadata that is not a JSON object: %s', async (text) => {
      const stream = newStream();
      const event = jsonEvent({ type: '$metadata', data: JSON.parse(text) });
      await expect(connection.client.appendToStream(`$$${stream}`, [event], options)).rejects.toThrow(UnknownError);
      expect((await connection.client.getStreamMetadata(stream)).metadata).toBeUndefined();
    });
  });
});
