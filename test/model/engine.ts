// Carries out reactions one step at a time: each call that they make to the log or to the gateway waits here until its turn has come, so
// that a schedule decides what happens between any two of them.

import { Pending, type Reaction } from '../../src/commands/process-manager/reactor.js';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { OutcomeUnknown, Unavailable } from '../../src/domain/log/errors.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import type { Circumstances, Turn } from './streams.js';

/** A reaction to be carried out, as often as it takes. */
export interface Task {
  readonly recorded: Recorded<DomainEvent>;
  readonly reaction: Reaction;
  /** What goes on one lane goes one after another; `null`: side by side with everything. */
  readonly lane: string | null;
  attempt: number;
  state: 'ready' | 'running' | 'done';
  /** How much had changed when it had to wait: looking again before anything has changed is of no use. */
  lookedAt: number;
}

interface Call {
  readonly process: number;
  readonly go: () => void;
}

/** All that is queued as a microtask is done by then. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createEngine(circumstances: Circumstances) {
  const { chance, happened } = circumstances;
  /** One sort of lane is slow to be attended to, another one each run: what it would have heard of comes late. */
  const slow = chance.pick(['order-', 'gateway-', 'inventory-', 'none']) ?? 'none';
  let tasks: Task[] = [];
  let calls: Call[] = [];
  const failures: unknown[] = [];

  /** Each process has its own: its calls can be given up with it. */
  const turnOf =
    (process: number): Turn =>
    () =>
      new Promise<void>((resolve) => calls.push({ process, go: resolve }));

  function ended(task: Task, error: unknown): void {
    if (error === undefined) {
      task.state = 'done';
      tasks = tasks.filter((one) => one !== task);
      return;
    }
    if (!(error instanceof Unavailable || error instanceof OutcomeUnknown)) failures.push(error);
    task.state = 'ready';
    task.attempt += 1;
    // What failed for a fault may go well at once; what is not answered yet waits for a change.
    task.lookedAt = error instanceof Pending || circumstances.calm ? circumstances.changes : -1;
    happened(error instanceof Pending ? 'a reaction had to wait for an answer' : 'a reaction failed and was tried again');
  }

  async function start(task: Task): Promise<void> {
    task.state = 'running';
    task.reaction.run(task.attempt).then(
      () => ended(task, undefined),
      (error: unknown) => ended(task, error ?? new Error('rejected with nothing')),
    );
    await settled();
  }

  async function letThrough(call: Call): Promise<void> {
    calls = calls.filter((one) => one !== call);
    call.go();
    await settled();
  }

  /** The tasks that may be begun: the first of each lane, if it is not under way. */
  function startable(): readonly Task[] {
    const lanes = new Set<string>();
    return tasks.filter(({ lane, state, lookedAt }) => {
      if (lane !== null) {
        if (lanes.has(lane)) return false;
        lanes.add(lane);
      }
      return state === 'ready' && (!circumstances.calm || lookedAt < circumstances.changes);
    });
  }

  return {
    failures,
    turnOf,
    submit: (recorded: Recorded<DomainEvent>, reaction: Reaction, attempt: number, lane: string | null) => {
      tasks.push({ recorded, reaction, lane, attempt, state: 'ready', lookedAt: -1 });
    },
    /** Tasks that are not done. */
    get unfinished(): readonly Task[] {
      return tasks;
    },
    /** One step on: a call is let through, or a task begun. False if there is none. */
    step: async (): Promise<boolean> => {
      const all = startable();
      const quick = all.filter(({ reaction }) => !reaction.lane.startsWith(slow));
      const ready = chance.oneIn(4) || (quick.length === 0 && calls.length === 0) ? all : quick;
      const next = chance.below(calls.length + ready.length);
      const call = calls[next];
      const task = ready[next - calls.length];
      if (call !== undefined) await letThrough(call);
      else if (task !== undefined) await start(task);
      else return false;
      if (failures.length > 0) throw failures[0];
      return true;
    },
    /** All calls that are under way come to their end, and what follows from them at once too: none takes longer than seconds. */
    settleCalls: async (): Promise<void> => {
      for (let call = chance.pick(calls); call !== undefined; call = chance.pick(calls)) await letThrough(call);
    },
    /** The process is gone: what it had begun is never tried again. Its calls are dropped, or go through all the same: they were sent. */
    giveUp: (process: number, zombie: boolean) => {
      tasks = [];
      if (!zombie) calls = calls.filter((one) => one.process !== process);
    },
  };
}
