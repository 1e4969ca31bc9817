// The official client, opened up for calls of our own: its channel, discovery, credentials and reconnection serve them too.
// It knows nothing of what the calls carry.

import type { Readable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { type CallOptions, connectivityState, type Metadata, status } from '@grpc/grpc-js';

export const { read, batchAppend } = streamsService.StreamsService;

export interface CallSettings {
  readonly name: string;
  /** A cluster's follower refuses such a call, and the client then goes to the leader. */
  readonly requiresLeader: boolean;
  /** How long to wait for the network first, so that a call which cannot be sent fails before anything is written to it. */
  readonly readyWithinMs?: number;
}

export type MakeCall<Call> = (client: StreamsClient, metadata: Metadata, options: CallOptions) => Call;

class OpenClient extends EventStoreDBClient {
  /** Of the channel that was used last. Only declared: no constructor of this class ever runs, see below. */
  declare private latest: StreamsClient | undefined;

  static override connectionString(url: string): OpenClient {
    // The client's factory makes the base class, whose protected members are what we are here for.
    return Object.setPrototypeOf(EventStoreDBClient.connectionString(url), OpenClient.prototype);
  }

  /**
   * Opens a call without a deadline. When it breaks, the client reconnects for the next one, and discovers the cluster again.
   * The call emits nothing before the awaiting caller has had its turn to listen.
   */
  async call<Call extends Readable>({ name, requiresLeader, readyWithinMs }: CallSettings, make: MakeCall<Call>): Promise<Call> {
    const create = async (client: StreamsClient) => {
      this.latest = client;
      if (readyWithinMs !== undefined) await this.ready(client, readyWithinMs);
      return make(client, ...this.callArguments({ requiresLeader }, { deadline: Number.POSITIVE_INFINITY }));
    };
    return this.GRPCStreamCreator(streamsService.StreamsClient, name, create)();
  }

  private async ready(client: StreamsClient, withinMs: number): Promise<void> {
    const channel = client.getChannel();
    const deadline = Date.now() + withinMs;
    let failure: string | undefined;
    for (;;) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return;
      if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN)
        failure = 'the connection was refused';
      if (failure !== undefined) break;
      const timeout = await new Promise<Error | undefined>((resolve) => channel.watchConnectivityState(state, deadline, resolve));
      if (timeout !== undefined) failure = `there was no connection within ${withinMs} ms`;
    }
    const unavailable = Object.assign(new Error(failure), { code: status.UNAVAILABLE });
    // Drops the channel: the next attempt gets a new one, and discovers the cluster again.
    await this.handleError(client, unavailable);
    throw unavailable;
  }

  /** Cancels every call and lets go of the sockets. */
  async close(): Promise<void> {
    await this.dispose();
    this.latest?.close();
  }
}

export type Connection = Pick<OpenClient, 'call' | 'close'>;

/** Connects when first used. @throws if the connection string is malformed */
export const connection = (url: string): Connection => OpenClient.connectionString(url);
