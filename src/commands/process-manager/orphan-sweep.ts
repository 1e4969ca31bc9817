// Looks for stock that is claimed by orders that are over. There should be none: every claim is closed by its reservation. What is found
// all the same is given back, and somebody is told.

import { order } from '../../domain/order/order.js';
import { type ReservationStatus, reservation } from '../../domain/reservation/reservation.js';
import { type StockCommand, stock } from '../../domain/stock/stock.js';
import type { CommandContext } from '../command.js';
import type { CommandHandler } from '../command-handler.js';
import { derivedId } from '../event-identity.js';
import type { Chore, RunnerLog } from './runner-ports.js';

/** A claim that a read model knows as open, though the order is over or missing. It may be old: the streams are asked. */
export interface OrphanCandidate {
  readonly orderId: string;
  readonly sku: string;
  /** The log position of the reservation's request, as digits. */
  readonly requestedAt: string;
}

interface OrphanSweep {
  readonly handler: CommandHandler;
  readonly candidates: () => Promise<readonly OrphanCandidate[]>;
  readonly log: RunnerLog;
  /** Milliseconds. */
  readonly every: number;
}

/** What closes a claim whose reservation has ended so; `null` while the reservation itself sees to it. */
function closing(status: ReservationStatus): 'ReleaseStock' | 'ShipStock' | null {
  switch (status) {
    case 'NONE':
    case 'RELEASED':
    case 'ABANDONED':
      return 'ReleaseStock';
    case 'SHIPPED':
      return 'ShipStock';
    default:
      return null;
  }
}

/** The chore that closes claims that nobody else would. */
export function orphanSweep({ handler, candidates, log, every }: OrphanSweep): Chore {
  async function close({ orderId, sku, requestedAt }: OrphanCandidate): Promise<void> {
    const { state } = await handler.load(reservation, orderId, 'head');
    const type = closing(state.status);
    if (type === null) return;
    const held = await handler.load(stock, sku, 'head');
    if (!held.state.open.has(orderId)) return;
    const context = (purpose: string): CommandContext => ({
      commandId: derivedId(orderId, 'orphan-sweep', purpose, sku, requestedAt),
      correlationId: orderId,
      actor: 'process-manager',
      at: new Date().toISOString(),
    });
    const detail = `${sku} was still claimed though the reservation is ${state.status}; the claim is closed by ${type}.`;
    log.warn({ orderId, sku, reservation: state.status }, detail);
    // Somebody is told first: once the claim is closed nothing would bring the next sweep here.
    const attention = { type: 'RaiseAttention', code: 'stock-orphaned', detail, subject: `${sku}@${requestedAt}` } as const;
    const told = await handler.handle(order, orderId, attention, context('RaiseAttention'));
    if (told.outcome === 'unavailable') return;
    const command: StockCommand = { type, orderId, requestedAt };
    await handler.handle(stock, sku, command, context(type));
  }
  return {
    name: 'orphan sweep',
    every,
    run: async () => {
      for (const candidate of await candidates()) await close(candidate);
    },
  };
}
