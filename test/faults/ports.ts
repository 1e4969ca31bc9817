// The ports of a process with somebody watching: every call is named, and a watcher may hold it before it is made and after it had its
// effect. All that the saga awaits between an input and its durable effect are such calls.

import type { PaymentGateway } from '../../src/commands/payment-gateway.js';
import type { Work } from '../../src/commands/process-manager/work.js';
import type { Checkpoints } from '../../src/domain/log/checkpoint.js';
import type { EventStore, Follow, FollowedBatch, StoredEvent } from '../../src/domain/log/event-store.js';

export interface Call {
  /** What is done, without ids: "append payment PaymentCaptured", "gateway capture". */
  readonly name: string;
  /** What it is done to: a stream, a payment, an intent, an order; empty for what concerns nobody. */
  readonly about: string;
}

export interface Watcher {
  /** The call is made once this resolves. */
  before(call: Call): Promise<void>;
  /** Whoever made the call learns its outcome once this resolves. */
  after(call: Call): Promise<void>;
  /** Ends the subscriptions of a process that is gone: it cannot do so itself. */
  readonly gone?: AbortSignal;
}

export interface Ports {
  readonly store: EventStore;
  readonly gateway: PaymentGateway;
  readonly checkpoints: Checkpoints;
  readonly work: Work;
}

type Watched = <T>(name: string, about: string, make: () => Promise<T>) => Promise<T>;

const categoryOf = (stream: string) => stream.slice(0, stream.indexOf('-'));

/** The same ports, watched. */
export function watched({ store, gateway, checkpoints, work }: Ports, watcher: Watcher): Ports {
  const call: Watched = async (name, about, make) => {
    await watcher.before({ name, about });
    const [outcome] = await Promise.allSettled([make()]);
    await watcher.after({ name, about });
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };
  return {
    store: watchedStore(store, call, watcher),
    gateway: watchedGateway(gateway, call),
    checkpoints: watchedCheckpoints(checkpoints, call),
    work: watchedWork(work, call),
  };
}

function watchedStore(store: EventStore, call: Watched, watcher: Watcher): EventStore {
  /** Event by event, so that each is delivered by itself. */
  async function* follow(options: Follow): AsyncGenerator<FollowedBatch, never, undefined> {
    const signals = [options.signal, watcher.gone].filter((signal) => signal !== undefined);
    for await (const { events, caughtUp } of store.follow({ ...options, signal: AbortSignal.any(signals) })) {
      for (const event of events) {
        const delivery = { name: `follow ${event.type}`, about: event.stream };
        await watcher.before(delivery);
        yield { events: [event], caughtUp: false };
        await watcher.after(delivery);
      }
      if (caughtUp) yield { events: [], caughtUp };
    }
    throw new Error('a subscription never ends');
  }

  async function* read(stream: string, reading: AsyncIterable<StoredEvent>): AsyncGenerator<StoredEvent> {
    yield* await call(`read ${categoryOf(stream)}`, stream, async () => {
      const events: StoredEvent[] = [];
      for await (const event of reading) events.push(event);
      return events;
    });
  }

  return {
    append: (stream, events, expected) => {
      const types = events.map(({ type }) => type).join(' + ');
      return call(`append ${types}`, stream, () => store.append(stream, events, expected));
    },
    readStream: (stream, options) => read(stream, store.readStream(stream, options)),
    readAll: (options) => store.readAll(options),
    follow,
    setMetadata: (stream, metadata) => store.setMetadata(stream, metadata),
  };
}

function watchedGateway(gateway: PaymentGateway, call: Watched): PaymentGateway {
  return {
    name: gateway.name,
    create: (request) => call('gateway create', request.paymentId, () => gateway.create(request)),
    confirm: (request) => call('gateway confirm', request.intentId, () => gateway.confirm(request)),
    capture: (request) => call('gateway capture', request.intentId, () => gateway.capture(request)),
    cancel: (request) => call('gateway cancel', request.intentId, () => gateway.cancel(request)),
    retrieve: (intentId) => call('gateway retrieve', intentId, () => gateway.retrieve(intentId)),
    refund: (request) => call('gateway refund', request.intentId, () => gateway.refund(request)),
    findRefund: (lookup) => call('gateway find refund', lookup.intentId, () => gateway.findRefund(lookup)),
  };
}

function watchedCheckpoints(checkpoints: Checkpoints, call: Watched): Checkpoints {
  return {
    acquire: (request) => call('lease acquire', '', () => checkpoints.acquire(request)),
    renew: (lease, ttl) => call('lease renew', '', () => checkpoints.renew(lease, ttl)),
    release: (lease) => call('lease release', '', () => checkpoints.release(lease)),
    advance: (...given) => checkpoints.advance(...given),
    read: (names) => checkpoints.read(names),
  };
}

function watchedWork(work: Work, call: Watched): Work {
  return {
    save: (...given) => call('rows save', '', () => work.save(...given)),
    defer: (lease, item, ...given) => call('rows defer', item.orderId, () => work.defer(lease, item, ...given)),
    waiting: () => call('rows waiting', '', () => work.waiting()),
    claim: (...given) => call('rows claim', '', () => work.claim(...given)),
    settle: (lease, id) => call('rows settle', '', () => work.settle(lease, id)),
    postpone: (lease, id, ...given) => call('rows postpone', '', () => work.postpone(lease, id, ...given)),
    ofOrder: (orderId) => work.ofOrder(orderId),
  };
}
