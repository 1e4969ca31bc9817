// Kills a process at every point of a scenario, or freezes it there while a successor ends the order, or stalls it until there is one, and
// expects the order to end right.

import { expect } from 'vitest';
import { eventually } from '../support/condition.js';
import { expectRightEnd } from './ends-right.js';
import type { Mode } from './fuse.js';
import type { Process, Settings, World } from './world.js';

export interface Scenario extends Settings {
  readonly name: string;
  readonly method?: string;
  /** Units received and ordered, SKU by SKU. */
  readonly received: readonly number[];
  readonly ordered: readonly number[];
  /** What somebody does once an event stands in the log. */
  readonly cue?: { readonly on: string; readonly act: 'cancel' | 'ship' };
  /** Where a first process is killed; the points are then those of its successor, from its start. */
  readonly afterDeathAt?: string;
  /** Types of events that may come more than once. */
  readonly repeated?: readonly string[];
  readonly ends: { readonly status: keyof typeof lastEvent; readonly reason: string | null };
}

/** What is written last of an order that ends so. */
const lastEvent = { CONFIRMED: 'OrderConfirmed', CANCELLED: 'OrderCancelled', SHIPPED: 'InventoryShipped' };

export interface Tally {
  readonly scenario: string;
  readonly points: number;
  /** Orders whose process was stopped at a point, each at another. */
  readonly stopped: number;
  /** Points that the other orders did not come by, each tried several times. */
  readonly missed: readonly string[];
}

/** What is done again and again however long an order takes: the first two times stand for all. */
const isPoint = (point: string) => /^(append|follow)/.test(point) || !/\(([3-9]|\d\d+)\)/.test(point);

/** Points that depend on the moment. All others are come by in every run. */
export const momentary = /^(rows|lease|read|gateway retrieve|follow)/;

/** The orders of one scenario in one world, one after another. The process that has ended one order is the next one's victim. */
class Trials {
  readonly #world: World;
  readonly #scenario: Scenario;
  #process: Process | null = null;

  constructor(world: World, scenario: Scenario) {
    this.#world = world;
    this.#scenario = scenario;
  }

  /** Lets one order go through without harm, and gives the points that its process came by. */
  async points(): Promise<readonly string[]> {
    const victim = await this.run(null, 'kill');
    return [...new Set(victim.seen)].filter(isPoint);
  }

  /** One order, whose process is stopped at this point if it comes by it. */
  async run(point: string | null, mode: Mode): Promise<{ readonly stopped: boolean; readonly seen: readonly string[] }> {
    const { platform } = this.#world;
    const { ordered, method, cue } = this.#scenario;
    const received = await this.#world.receive(this.#scenario.received);
    this.#world.expect(cue === undefined ? null : { on: cue.on, act: (id) => platform[cue.act](id) });
    const lines = [...received.keys()].map((sku, index) => ({ sku, quantity: ordered[index] ?? 0 }));
    const { orderId, victim } = await this.#place(() => platform.place(lines, method), point, mode);
    const stopped = await this.#stoppedOrEnded(victim, orderId);
    this.#process = victim;
    if (stopped) {
      await this.#world.expireLease();
      const successor = this.#world.start(this.#scenario);
      this.#process = successor;
      if (mode === 'stall') {
        await eventually(() => successor.runner.status().state !== 'standing-by');
        victim.fuse.thaw();
      }
      expect(await this.#stoppedOrEnded(this.#process, orderId)).toBe(false);
    }
    victim.fuse.disarm();
    if (stopped && mode !== 'kill') await this.#letGo(victim, point === 'lease acquire, before');
    await this.#expectRight(orderId, received);
    return { stopped, seen: victim.fuse.seen };
  }

  /** Waits until the process has ended the order, with all that follows from it; true if it was stopped before that. */
  async #stoppedOrEnded(process: Process, orderId: string): Promise<boolean> {
    const last = lastEvent[this.#scenario.ends.status];
    const ended = () => this.#world.hasWritten(last, orderId) && this.#world.isIdle(process);
    const how = await eventually(() => (process.fuse.isBlown ? 'stopped' : ended() && 'ended'));
    return how === 'stopped';
  }

  async #place(place: () => Promise<string>, point: string | null, mode: Mode): Promise<{ orderId: string; victim: Process }> {
    const { afterDeathAt } = this.#scenario;
    const first = this.#process ?? this.#world.start(this.#scenario);
    await eventually(() => this.#world.isIdle(first));
    if (afterDeathAt === undefined) {
      first.fuse.arm(point, mode);
      return { orderId: await place(), victim: first };
    }
    first.fuse.arm(afterDeathAt, 'kill');
    const orderId = await place();
    await eventually(() => first.fuse.isBlown);
    await this.#world.expireLease();
    return { orderId, victim: this.#world.start(this.#scenario, { at: point, mode }) };
  }

  /** The zombie goes on with what it believes, until it finds that the lease is not its own any more. */
  async #letGo({ fuse, runner, stops }: Process, neverHeld: boolean): Promise<void> {
    fuse.thaw();
    await eventually(() => runner.status().state === 'standing-by' && (neverHeld || stops.length > 0));
    expect(stops.filter(({ level }) => level === 'error')).toEqual([]);
    await runner.stop(10_000);
  }

  async #expectRight(orderId: string, received: ReadonlyMap<string, number>): Promise<void> {
    // What has become a row is no more than the rest of what there was to do.
    await eventually(async () => !(await this.#world.platform.work.ofOrder(orderId)).some(({ kind }) => kind === 'reaction'));
    const { repeated = [], ends } = this.#scenario;
    const { status, reason, intents } = await expectRightEnd(this.#world.platform, orderId, received, { repeated });
    expect({ status, reason }).toEqual(ends);
    for (const intent of intents) expect(['succeeded', 'canceled', 'requires_confirmation']).toContain(intent.status);
  }

  /** Ends the process that is left. */
  async end(): Promise<void> {
    await this.#process?.runner.stop(10_000);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Every point of the scenario, each with an order of its own, spread over the worlds. */
export async function campaign(worlds: readonly World[], scenario: Scenario, mode: Mode): Promise<Tally> {
  const trials = worlds.map((world) => new Trials(world, scenario));
  const points = (await trials[0]?.points()) ?? [];
  const left = points.map((point) => ({ point, tries: 3 }));
  const missed: string[] = [];
  let stopped = 0;
  let failed = false;
  const workThrough = async (trial: Trials) => {
    for (let next = left.shift(); next !== undefined && !failed; next = left.shift()) {
      const { point, tries } = next;
      const result = await trial.run(point, mode).catch((cause: unknown) => {
        failed = true;
        throw new Error(`${scenario.name}: with a ${mode} at "${point}": ${messageOf(cause)}`, { cause });
      });
      if (result.stopped) stopped += 1;
      else if (tries > 1) left.push({ point, tries: tries - 1 });
      else missed.push(point);
    }
  };
  const results = await Promise.allSettled(trials.map(workThrough));
  await Promise.all(trials.map((trial) => trial.end()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return { scenario: scenario.name, points: points.length, stopped, missed };
}
