// The batch stream as a client of our own sees it, below the official client: correlation ids, parts, deadlines; and what is refused.

import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ClientDuplexStream, credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createEventNode, type EventNode } from '../../../../src/adapters/embedded/event-node/event-node.js';
import { eventually } from '../../../support/condition.js';
import { newStream } from './connection.js';

type BatchStream = ClientDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

let node: EventNode;
let client: StreamsClient;
beforeAll(async () => {
  node = await createEventNode({});
  client = new StreamsClient(`${node.host}:${node.port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await node.close();
});

function openStream(): { call: BatchStream; answers: streams.BatchAppendResp[] } {
  const call = client.batchAppend();
  const answers: streams.BatchAppendResp[] = [];
  call.on('data', (answer: streams.BatchAppendResp) => answers.push(answer));
  call.on('error', () => undefined);
  onTestFinished(() => call.cancel());
  return { call, answers };
}

interface Part {
  readonly stream?: string;
  readonly correlation: string;
  readonly types?: readonly string[];
  readonly isFinal?: boolean;
  readonly deadline?: Date;
}

function part({ stream, correlation, types = ['Counted'], isFinal = true, deadline }: Part): streams.BatchAppendReq {
  const request = new streams.BatchAppendReq();
  const id = new shared.UUID();
  id.setString(correlation);
  request.setCorrelationId(id);
  if (stream !== undefined) {
    const encoded = Buffer.concat([
      Buffer.from([0x0a, stream.length + 2, 0x1a, stream.length]),
      Buffer.from(stream),
      Buffer.from([0x1a, 0]),
    ]);
    const seconds = deadline === undefined ? undefined : BigInt(Math.floor(deadline.getTime() / 1000));
    const options = seconds === undefined ? encoded : Buffer.concat([encoded, timestamp(Number(seconds))]);
    request.setOptions(streams.BatchAppendReq.Options.deserializeBinary(options));
  }
  for (const type of types) {
    const message = new streams.BatchAppendReq.ProposedMessage();
    const eventId = new shared.UUID();
    eventId.setString(randomUUID());
    message.setId(eventId);
    message.getMetadataMap().set('type', type);
    message.getMetadataMap().set('content-type', 'application/json');
    message.setData(Buffer.from('{}'));
    request.addProposedMessages(message);
  }
  request.setIsFinal(isFinal);
  return request;
}

/** The options' deadline field: seconds of a timestamp as a varint of five bytes. */
function timestamp(seconds: number): Buffer {
  const digits = [0, 7, 14, 21, 28].map((shift, i) => (Math.floor(seconds / 2 ** shift) % 128) | (i < 4 ? 128 : 0));
  return Buffer.from([0x32, 6, 0x08, ...digits]);
}

const detailsOf = (answer: streams.BatchAppendResp | undefined) => answer?.getError()?.getDetails()?.getTypeName();

describe('the batch stream', () => {
  it('answers every append once, under its own correlation id in the form it came in', async () => {
    const { call, answers } = openStream();
    const ids = Array.from({ length: 500 }, () => randomUUID());
    for (const correlation of ids) call.write(part({ stream: newStream(), correlation }));
    await eventually(() => answers.length >= ids.length);
    expect(answers.map((answer) => answer.getCorrelationId()?.getString()).toSorted()).toEqual(ids.toSorted());
    expect(answers.every((answer) => answer.hasSuccess())).toBe(true);
  });

  it('puts an append together from its parts, also when others come in between', async () => {
    const { call, answers } = openStream();
    const [one, two] = [randomUUID(), randomUUID()];
    call.write(part({ stream: newStream(), correlation: one, types: ['A', 'B'], isFinal: false }));
    call.write(part({ stream: newStream(), correlation: two, types: ['A'], isFinal: false }));
    call.write(part({ correlation: one, types: ['C'] }));
    call.write(part({ correlation: two, types: [] }));
    await eventually(() => answers.length === 2);
    expect(answers.map((answer) => [answer.getCorrelationId()?.getString(), answer.getSuccess()?.getCurrentRevision()])).toEqual([
      [one, '2'],
      [two, '0'],
    ]);
  });

  it('answers a deadline that has passed with Timeout, and writes nothing', async () => {
    const { call, answers } = openStream();
    const stream = newStream();
    call.write(part({ stream, correlation: randomUUID(), deadline: new Date(Date.now() - 5000) }));
    call.write(part({ stream, correlation: randomUUID(), deadline: new Date(Date.now() + 60_000) }));
    await eventually(() => answers.length === 2);
    expect(detailsOf(answers[0])).toBe('event_store.client.Timeout');
    expect(answers[1]?.getSuccess()?.getCurrentRevision()).toBe('0');
  });

  it('answers an event without a type once, and goes on', async () => {
    const { call, answers } = openStream();
    call.write(part({ stream: newStream(), correlation: randomUUID(), types: [''] }));
    call.write(part({ stream: newStream(), correlation: randomUUID() }));
    call.end();
    await new Promise((resolve) => call.once('end', resolve));
    expect(answers.map((answer) => detailsOf(answer) ?? 'success')).toEqual(['event_store.client.BadRequest', 'success']);
  });

  it('passes over a part of an append that it does not know', async () => {
    const { call, answers } = openStream();
    call.write(part({ correlation: randomUUID() }));
    call.write(part({ stream: newStream(), correlation: randomUUID() }));
    call.end();
    await new Promise((resolve) => call.once('end', resolve));
    expect(answers.map((answer) => answer.hasSuccess())).toEqual([true]);
  });

  it('answers Timeout, once, where the deadline passes before the last part has come', async () => {
    const { call, answers } = openStream();
    const [correlation, stream] = [randomUUID(), newStream()];
    call.write(part({ stream, correlation, isFinal: false, deadline: new Date(Date.now() + 1500) }));
    await eventually(() => answers.length === 1);
    expect(detailsOf(answers[0])).toBe('event_store.client.Timeout');
    call.write(part({ correlation }));
    call.write(part({ stream, correlation: randomUUID() }));
    call.end();
    await new Promise((resolve) => call.once('end', resolve));
    expect(answers.map((answer) => detailsOf(answer) ?? answer.getSuccess()?.getCurrentRevision())).toEqual([
      'event_store.client.Timeout',
      '0',
    ]);
  });

  it('takes ids as two numbers too, and answers in that form', async () => {
    const { call, answers } = openStream();
    const request = part({ stream: newStream(), correlation: randomUUID() });
    const halves = new shared.UUID.Structured();
    halves.setMostSignificantBits('-2');
    halves.setLeastSignificantBits('7');
    const structured = new shared.UUID();
    structured.setStructured(halves);
    request.setCorrelationId(structured);
    for (const message of request.getProposedMessagesList()) message.setId(structured);
    call.write(request);
    await eventually(() => answers.length === 1);
    expect(answers[0]?.hasSuccess()).toBe(true);
    expect(answers[0]?.getCorrelationId()?.getStructured()?.toObject()).toEqual(halves.toObject());
  });

  it('ends with CANCELLED when the node closes', async () => {
    const other = await createEventNode({});
    const otherClient = new StreamsClient(`${other.host}:${other.port}`, credentials.createInsecure());
    onTestFinished(() => otherClient.close());
    const call = otherClient.batchAppend();
    const failed = new Promise<{ code?: number }>((resolve) => call.once('error', resolve));
    const answered = new Promise((resolve) => call.once('data', resolve));
    call.write(part({ stream: newStream(), correlation: randomUUID() }));
    await answered;
    await other.close();
    expect((await failed).code).toBe(status.CANCELLED);
  });
});
