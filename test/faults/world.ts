// A world to put a process manager to death in: an event store, a database and a gateway that outlive it, customers that act at a given
// point of an order's life, and one process after another.

import { postgresCheckpoints } from '../../src/adapters/postgres/checkpoints.js';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import type { Runner } from '../../src/commands/process-manager/runner.js';
import type { FulfilmentPolicy } from '../../src/domain/fulfilment/fulfilment.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import { withFaults } from '../support/event-store.js';
import { type Fulfilment, quickWaits, startFulfilment } from '../support/fulfilment.js';
import { Fuse, type Mode } from './fuse.js';
import { watched } from './ports.js';

/** What somebody does as soon as an event stands in the log, before the process that wrote it can go on. */
export interface Cue {
  readonly on: string;
  readonly act: (orderId: string) => Promise<unknown>;
}

export interface Process {
  readonly fuse: Fuse;
  readonly runner: Runner;
  /** What ended a time of holding the lease, as the log has it: the level, and the sentence. */
  readonly stops: readonly { readonly level: 'warn' | 'error'; readonly message: string }[];
}

/** What a process is started with. */
export interface Settings {
  readonly policy?: Partial<FulfilmentPolicy>;
  /** How long a reaction may take before it becomes a row, in milliseconds. */
  readonly hold?: number;
}

const idOf = (stream: string) => stream.slice(stream.indexOf('-') + 1);

export class World {
  readonly platform: Fulfilment;
  readonly #store: EventStore;
  #cue: Cue | null = null;
  #orders = 0;
  /** The last place in the log that a process has written, and which types of events it has written to which stream. */
  #head = 0n;
  readonly #written = new Set<string>();

  private constructor(platform: Fulfilment) {
    this.platform = platform;
    this.#store = withFaults(platform.store, {
      append: async (stream, events, expected) => {
        const result = await platform.store.append(stream, events, expected);
        if (result.outcome === 'conflict') return result;
        if (!stream.startsWith('stock-') && result.position > this.#head) this.#head = result.position;
        for (const { type } of events) this.#written.add(`${type} of ${idOf(stream)}`);
        const cue = this.#cue;
        if (cue !== null && events.some(({ type }) => type === cue.on)) {
          this.#cue = null;
          await cue.act(idOf(stream));
        }
        return result;
      },
    });
  }

  static async begin(): Promise<World> {
    return new World(await startFulfilment());
  }

  /** Starts a process with caches of its own. `armed`: at which point of its life it ends, counted from its start. */
  start({ policy = {}, hold = 5000 }: Settings, armed: { readonly at: string | null; readonly mode: Mode } | null = null): Process {
    const { platform } = this;
    const fuse = new Fuse();
    const stops: { level: 'warn' | 'error'; message: string }[] = [];
    const note = (level: 'warn' | 'error') => (_: object, message: string) => {
      if (message.startsWith('The process manager stopped')) stops.push({ level, message });
    };
    const checkpoints = postgresCheckpoints(platform.database);
    const ports = watched({ store: this.#store, gateway: platform.gateway, checkpoints, work: platform.work }, fuse);
    if (armed !== null) fuse.arm(armed.at, armed.mode);
    const runner = platform.run({
      ...ports,
      handler: createCommandHandler(ports.store),
      policy,
      doomed: true,
      waits: { ...quickWaits, hold },
      log: { info() {}, warn: note('warn'), error: note('error') },
      pollEveryMilliseconds: 25,
      saveEveryMilliseconds: 10,
      leaseMilliseconds: 3000,
    });
    return { fuse, runner, stops };
  }

  /** Receives units of SKUs that are one order's alone, and gives their names. */
  async receive(units: readonly number[]): Promise<ReadonlyMap<string, number>> {
    this.#orders += 1;
    const received = new Map(units.map((count, index) => [`SKU-${this.#orders}-${index}`, count]));
    for (const [sku, count] of received) await this.platform.receive(sku, count);
    return received;
  }

  /** Has somebody act at the next such event, once. */
  expect(cue: Cue | null): void {
    this.#cue = cue;
  }

  /** Ends the lease of a process that is gone, so that its successor need not wait until it has run out. */
  async expireLease(): Promise<void> {
    await this.platform.database.query('UPDATE checkpoints SET lease_until = clock_timestamp() WHERE holder IS NOT NULL');
  }

  /** Whether some process has written such an event of the order's or its reservation's. */
  hasWritten(type: string, orderId: string): boolean {
    return this.#written.has(`${type} of ${orderId}`);
  }

  /** Whether the process has answered everything that processes have written. */
  isIdle({ runner }: Process): boolean {
    const { state, outstanding, position } = runner.status();
    return state === 'running' && outstanding === 0 && (position ?? 0n) >= this.#head;
  }

  close(): Promise<void> {
    return this.platform.close();
  }
}
