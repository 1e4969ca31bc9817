// What the adapter does when the server misbehaves: nothing hangs, nothing is taken for failed that may have been written.

import { randomUUID } from 'node:crypto';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectEventStore, type EventStoreOptions } from '../../../src/adapters/eventstore/event-store.js';
import { OutcomeUnknown, Rejected, Unavailable } from '../../../src/domain/log/errors.js';
import type { NewEvent } from '../../../src/domain/log/event-store.js';
import { portToKeep } from '../../support/port.js';
import { type BatchCall, type Behaviour, delivered, type FakeServer, fakeServer, refusal, success } from './fake-server.js';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
});

async function serve(behaviour: Behaviour, port?: number): Promise<FakeServer> {
  const server = await fakeServer(behaviour, port);
  running.push({ close: server.kill });
  return server;
}

function connect(options: EventStoreOptions) {
  const store = connectEventStore(options);
  running.push(store);
  return store;
}

/** Patient: the machine may be busy. A condition that never comes true fails the test. */
const until = (condition: () => boolean | Promise<boolean>, interval = 10) =>
  vi.waitUntil(condition, { interval, timeout: 20_000 });

const newEvent = (): NewEvent => ({
  id: randomUUID(),
  type: 'OrderCreated',
  data: Buffer.from('{"total":1}'),
  metadata: Buffer.from('{}'),
});

const answering = (answer: (request: BatchAppendReq, call: BatchCall) => void) => (call: BatchCall) => {
  call.on('data', (request: BatchAppendReq) => answer(request, call));
  call.on('end', () => call.end());
  call.on('error', () => {});
};
const writing = answering((request, call) => call.write(success(request, 0, 42)));
const silent = answering(() => {});

const written = { outcome: 'appended', revision: 0, position: 42n };
const firstOf = async <T>(items: AsyncIterable<T>): Promise<T | undefined> => {
  for await (const item of items) return item;
  return undefined;
};

describe('an append that is not answered', () => {
  it('ends as an unknown outcome when its time is over', async () => {
    const { url } = await serve({ batchAppend: silent });
    const store = connect({ url, appendTimeoutMs: 150 });
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(OutcomeUnknown);
  });

  it('does not take the others with it, while the server answers them', async () => {
    let kept = 0;
    const { url } = await serve({
      batchAppend: answering((request, call) => {
        if (Buffer.from(request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString() === 'order-lost')
          kept++;
        else call.write(success(request, 0, 42));
      }),
    });
    const store = connect({ url, appendTimeoutMs: 400 });
    let isLost = false;
    const lost = store.append('order-lost', [newEvent()], 'no-stream').catch((error: unknown) => {
      isLost = true;
      return error;
    });
    await until(() => kept === 1);
    for (let n = 0; !isLost; n++) await expect(store.append(`order-${n}`, [newEvent()], 'no-stream')).resolves.toEqual(written);
    expect(await lost).toBeInstanceOf(OutcomeUnknown);
    await expect(store.append('order-1', [newEvent()], 'no-stream')).resolves.toEqual(written);
  });

  it('of a server that answers nobody ends the calls to it: the next goes over new ones', async () => {
    let hangs = true;
    const { url } = await serve({ batchAppend: (call) => (hangs ? silent : writing)(call) });
    const store = connect({ url, appendTimeoutMs: 150 });
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(OutcomeUnknown);
    hangs = false;
    await expect(store.append('order-1', [newEvent()], 'no-stream')).resolves.toEqual(written);
  });

  it('holds its place in the bounded intake until then', async () => {
    let arrived = 0;
    const { url } = await serve({ batchAppend: answering(() => arrived++) });
    const store = connect({ url, appendTimeoutMs: 400, maxPending: 8 });
    const appends = Array.from({ length: 8 }, (_, n) => store.append(`order-${n}`, [newEvent()], 'no-stream'));
    const outcomes = Promise.allSettled(appends);
    await expect(store.append('order-9', [newEvent()], 'no-stream')).rejects.toThrow(Unavailable);
    await until(() => arrived === 8);
    await expect(store.append('order-9', [newEvent()], 'no-stream')).rejects.toThrow(Unavailable);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(OutcomeUnknown) });
    expect(arrived).toBe(8);
  });
});

describe('a broken connection', () => {
  it('leaves the outcome of all that were in flight unknown, once each, and is restored by the next append', async () => {
    let arrived = 0;
    const uncaught: unknown[] = [];
    const catching = (reason: unknown) => uncaught.push(reason);
    process.on('unhandledRejection', catching);
    process.on('uncaughtException', catching);
    const first = await serve({ batchAppend: answering(() => arrived++) }, await portToKeep());
    const store = connect({ url: first.url });
    const outcomes = Promise.allSettled(
      Array.from({ length: 16 }, (_, n) => store.append(`order-${n}`, [newEvent()], 'no-stream')),
    );
    await until(() => arrived === 16);
    first.kill();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(OutcomeUnknown) });

    const waiting = store.append('order-1', [newEvent()], 'no-stream');
    await serve({ batchAppend: writing }, first.port);
    await expect(waiting).resolves.toEqual(written);
    process.off('unhandledRejection', catching);
    process.off('uncaughtException', catching);
    expect(uncaught).toEqual([]);
  });

  it('is nobody else’s: the appends of another client go on', async () => {
    let arrived = 0;
    const broken = await serve({ batchAppend: answering(() => arrived++) });
    const sound = await serve({ batchAppend: writing });
    const victim = connect({ url: broken.url });
    const bystander = connect({ url: sound.url });
    const lost = expect(victim.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(OutcomeUnknown);
    await until(() => arrived === 1);
    const going = Array.from({ length: 50 }, (_, n) => bystander.append(`order-${n}`, [newEvent()], 'no-stream'));
    broken.kill();
    for (const append of going) await expect(append).resolves.toEqual(written);
    await lost;
  });

  it('that a server ends politely leaves the outcome unknown too', async () => {
    const { url } = await serve({ batchAppend: (call) => call.on('data', () => call.end()) });
    const store = connect({ url });
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(OutcomeUnknown);
  });

  it('that never was one means that nothing was appended', async () => {
    const gone = await serve({ batchAppend: writing }, await portToKeep());
    gone.kill();
    const store = connect({ url: gone.url, appendTimeoutMs: 300 });
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(Unavailable);
    // Known to be away: no further append waits for it, but one comes through soon after it is back.
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(Unavailable);
    await serve({ batchAppend: writing }, gone.port);
    const append = () => store.append('order-1', [newEvent()], 'no-stream').catch((error: unknown) => error);
    await until(async () => (await append()) instanceof Unavailable === false);
    await expect(append()).resolves.toEqual(written);
  });

  it('ends what is under way when the client itself is closed, and takes nothing more', async () => {
    let arrived = 0;
    const { url } = await serve({ batchAppend: answering(() => arrived++) });
    const store = connect({ url });
    const underWay = expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(OutcomeUnknown);
    await until(() => arrived === 1);
    await store.close();
    await underWay;
    await expect(store.append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(Unavailable);
  });
});

describe('an answer', () => {
  it.each([
    ['Timeout', OutcomeUnknown],
    ['Unknown', OutcomeUnknown],
    ['StreamDeleted', Rejected],
    ['AccessDenied', Rejected],
    ['MaximumAppendSizeExceeded', Rejected],
    ['BadRequest', Rejected],
    ['SomethingNew', OutcomeUnknown],
  ])('%s has its own meaning', async (reason, kind) => {
    const { url } = await serve({ batchAppend: answering((request, call) => call.write(refusal(request, reason))) });
    await expect(connect({ url }).append('order-1', [newEvent()], 'no-stream')).rejects.toThrow(kind);
  });

  it('that comes twice is taken once', async () => {
    const twice = answering((request, call) => {
      call.write(success(request, 0, 42));
      call.write(success(request, 0, 42));
    });
    const store = connect({ url: (await serve({ batchAppend: twice })).url });
    await expect(store.append('order-1', [newEvent()], 'no-stream')).resolves.toEqual(written);
    await expect(store.append('order-1', [newEvent()], 'no-stream')).resolves.toEqual(written);
  });

  it('without a position has it read from the stream', async () => {
    const { url } = await serve({
      batchAppend: answering((request, call) => call.write(success(request, 3))),
      read: (call) => {
        const { stream } = call.request.getOptions()?.toObject() ?? {};
        call.write(delivered(Buffer.from(stream?.streamIdentifier?.streamName.toString() ?? '', 'base64').toString(), 3, 77));
        call.end();
      },
    });
    await expect(connect({ url }).append('order-1', [newEvent()], 2)).resolves.toEqual({ ...written, revision: 3, position: 77n });
  });
});

describe('a subscription', () => {
  it.each([
    ['is ended by the server', (call: { end(): void }) => call.end()],
    ['breaks', (_: unknown, server: FakeServer) => server.kill()],
  ])('throws Unavailable when it %s, after what was delivered', async (_, finish) => {
    let finishNow = (): void => {};
    const server = await serve({
      read: (call) => {
        call.write(delivered('order-1', 0, 10));
        call.on('error', () => {});
        finishNow = () => finish(call, server);
      },
    });
    const seen: bigint[] = [];
    const following = async () => {
      for await (const { events } of connect({ url: server.url }).follow({ streamPrefixes: ['order-'] })) {
        seen.push(...events.map(({ position }) => position));
        finishNow();
      }
    };
    await expect(following()).rejects.toThrow(Unavailable);
    expect(seen).toEqual([10n]);
  });

  it('says once that history is over, where it is over, whatever arrives with it', async () => {
    const caughtUp = new streamsMessages.ReadResp();
    caughtUp.setCaughtUp(new streamsMessages.ReadResp.CaughtUp());
    const { url } = await serve({
      read: (call) => {
        for (const message of [
          delivered('order-1', 0, 10),
          caughtUp,
          delivered('order-1', 1, 20),
          caughtUp,
          delivered('order-1', 2, 30),
        ])
          call.write(message);
      },
    });
    const seen: (bigint | 'caught-up')[] = [];
    for await (const batch of connect({ url }).follow({ streamPrefixes: ['order-'] })) {
      seen.push(...batch.events.map(({ position }) => position));
      if (batch.caughtUp) seen.push('caught-up');
      if (seen.includes(30n)) break;
    }
    expect(seen).toEqual([10n, 'caught-up', 20n, 30n]);
  });

  it('holds the server back while the consumer is busy', async () => {
    let sent = 0;
    const total = 20_000;
    const { url } = await serve({
      read: (call) => {
        const more = () => {
          while (sent < total) if (!call.write(delivered('order-1', sent, ++sent))) return;
          call.end();
        };
        call.on('drain', more);
        call.on('error', () => {});
        more();
      },
    });
    const batches = connect({ url })
      .follow({ streamPrefixes: ['order-'] })
      [Symbol.asyncIterator]();
    let taken = (await batches.next()).value?.events.length ?? 0;
    let before = -1;
    const isHeldBack = () => {
      const still = sent === before;
      before = sent;
      return still;
    };
    await until(isHeldBack, 200);
    expect(sent).toBeLessThan(total / 2);
    while (taken < total) taken += (await batches.next()).value?.events.length ?? 0;
    expect(sent).toBe(total);
    await batches.return?.();
  });

  it('is cancelled at the server when the consumer stops', async () => {
    let cancelled = 0;
    const { url } = await serve({
      read: (call) => {
        call.on('cancelled', () => cancelled++);
        call.write(delivered('order-1', 0, 10));
      },
    });
    await firstOf(connect({ url }).follow({ streamPrefixes: ['order-'] }));
    await until(() => cancelled === 1);
  });

  it('throws the signal’s reason, at once, also when nothing arrives', async () => {
    let open = false;
    const { url } = await serve({
      read: () => {
        open = true;
      },
    });
    const stop = new AbortController();
    const following = firstOf(connect({ url }).follow({ streamPrefixes: ['order-'], signal: stop.signal }));
    await until(() => open);
    stop.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  });
});

describe('a read', () => {
  it('of a silent server is Unavailable when its time is over', async () => {
    const { url } = await serve({ read: () => {} });
    const store = connect({ url, appendTimeoutMs: 150 });
    await expect(firstOf(store.readStream('order-1'))).rejects.toThrow(Unavailable);
  });

  it('that a server does not offer is Rejected', async () => {
    const { url } = await serve({});
    await expect(firstOf(connect({ url }).readStream('order-1'))).rejects.toThrow(Rejected);
  });
});
