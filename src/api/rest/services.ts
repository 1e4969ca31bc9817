// What REST is given to work with. Ports only: what stands behind them is the composition root's choice.

import type { CommandHandler } from '../../commands/command-handler.js';
import type { EventStore } from '../../domain/log/event-store.js';
import type { WaitingWork } from '../../projections/order-events/fulfilment-steps.js';
import type { OrderView } from '../../projections/orders/order-view.js';
import type { Progress } from '../../projections/runtime/progress.js';
import type { Sql } from '../../projections/sql.js';
import type { AnswerOnce } from './idempotency.js';
import type { InFlight } from './in-flight.js';

/** Orders that somebody waits for. */
export interface SettlementWatch {
  /**
   * Waits until the read model shows the order as CONFIRMED or CANCELLED, or beyond, and answers it as it is then; `null` when the time is
   * over first. `position` is the last event of the order that the caller knows.
   */
  settled(orderId: string, position: bigint, timeoutMs: number): Promise<OrderView | null>;
}

export interface Services {
  readonly handler: CommandHandler;
  /** For the events of one stream, from which a command's answer is built. */
  readonly store: Pick<EventStore, 'readStream'>;
  readonly sql: Sql;
  readonly progress: Progress;
  readonly settlement: SettlementWatch;
  readonly commandsInFlight: InFlight;
  readonly queriesInFlight: InFlight;
  /** For a request with an Idempotency-Key. */
  readonly answerOnce: AnswerOnce;
  /** The position of the last event of our streams; `null` while there is none. @throws Unavailable */
  readonly head: () => Promise<bigint | null>;
  readonly logId: string;
  readonly appVersion: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a read waits for its position unless the request says, in milliseconds. */
  readonly minPositionWait: number;
  /** What waits for an order in the process manager. @throws Unavailable */
  readonly waitingWork: (orderId: string) => Promise<readonly WaitingWork[]>;
  /** From shipping until delivery is overdue, in milliseconds. */
  readonly deliverWithin: number;
  /** From asking for a void or a refund until a person is told that it is still pending, in milliseconds. */
  readonly attentionAfter: number;
}
