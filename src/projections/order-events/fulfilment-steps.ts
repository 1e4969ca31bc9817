// The saga of an order step by step, told from its events alone: what triggered a step, what it asked for, how it ended, and what it waits
// for. Nothing is stored for it: the order's events are the saga's log.

import { z } from 'zod';
import { instant } from '../../domain/values.js';
import { positionToken } from '../shapes.js';
import type { EventView } from './order-event-view.js';

const eventRef = z.object({ type: z.string(), position: positionToken, at: instant });

export const fulfilmentStep = z.object({
  step: z.enum([
    'AUTHORIZE_PAYMENT',
    'RESERVE_INVENTORY',
    'CAPTURE_PAYMENT',
    'CONFIRM_ORDER',
    'AWAIT_SHIPMENT',
    'SHIP_INVENTORY',
    'AWAIT_DELIVERY',
    'VOID_PAYMENT',
    'REFUND_PAYMENT',
    'RELEASE_INVENTORY',
    'CANCEL_ORDER',
  ]),
  /** The event because of which the step was begun. */
  trigger: eventRef,
  command: z.string(),
  /** How it ended; `null` while it is under way. */
  outcome: eventRef.nullable(),
  /** From the trigger to the outcome. */
  tookMs: z.int().nullable(),
  /** How often it was asked for, tries that wait to be made again included. */
  attempts: z.int().positive(),
  waitingFor: z.object({ reason: z.string(), dueAt: instant }).nullable(),
});
export type FulfilmentStep = z.infer<typeof fulfilmentStep>;

export const fulfilmentView = z.object({ data: z.array(fulfilmentStep), position: positionToken });

/** Work that waits, as the process manager keeps it. */
export interface WaitingWork {
  readonly kind: 'reaction' | 'deadline';
  readonly what: string;
  /** Where the event behind it stands. */
  readonly trigger: { readonly stream: string; readonly position: bigint };
  readonly dueAt: Date;
  readonly attempts: number;
  readonly lastError: string | null;
}

interface StepKind {
  readonly step: FulfilmentStep['step'];
  /** The command, or the command by the type of the trigger. */
  readonly command: string | Readonly<Record<string, string>>;
  /** The event types that end it; none if the event that begins it is its outcome too. */
  readonly ends: readonly string[];
  /** What bounds the waiting, where nothing else is known of it. */
  readonly deadline?: string;
  /** The step is triggered by the event that begins it, not by that event's cause. */
  readonly ownTrigger?: boolean;
}

/** What begins a step. Most events begin none. */
const begins: Readonly<Record<string, readonly StepKind[]>> = {
  PaymentRequested: [
    {
      step: 'AUTHORIZE_PAYMENT',
      command: 'RequestPayment',
      ends: ['PaymentAuthorized', 'PaymentFailed', 'PaymentVoided'],
      deadline: 'payment-timeout',
    },
  ],
  InventoryReservationRequested: [
    {
      step: 'RESERVE_INVENTORY',
      command: 'RequestReservation',
      ends: ['InventoryReserved', 'InventoryReservationFailed', 'InventoryReleased'],
    },
  ],
  PaymentCaptureRequested: [
    {
      step: 'CAPTURE_PAYMENT',
      command: 'RequestCapture',
      ends: ['PaymentCaptured', 'PaymentCaptureFailed'],
      deadline: 'reservation-expiry',
    },
  ],
  OrderConfirmed: [
    { step: 'CONFIRM_ORDER', command: 'RecordPaymentCaptured', ends: [] },
    {
      step: 'AWAIT_SHIPMENT',
      command: 'ShipOrder',
      ends: ['OrderShipped', 'OrderCancellationRequested'],
      deadline: 'ship-overdue',
      ownTrigger: true,
    },
  ],
  OrderShipped: [
    { step: 'SHIP_INVENTORY', command: 'ShipStock', ends: ['InventoryShipped'], ownTrigger: true },
    { step: 'AWAIT_DELIVERY', command: 'DeliverOrder', ends: ['OrderDelivered'], deadline: 'delivery-overdue', ownTrigger: true },
  ],
  PaymentVoidRequested: [
    {
      step: 'VOID_PAYMENT',
      command: 'RequestVoid',
      ends: ['PaymentVoided', 'PaymentCaptured', 'PaymentFailed'],
      deadline: 'cancellation-unresolved',
    },
  ],
  RefundRequested: [
    {
      step: 'REFUND_PAYMENT',
      command: 'RequestRefund',
      ends: ['RefundAccepted', 'RefundFailed'],
      deadline: 'cancellation-unresolved',
    },
  ],
  InventoryReleaseRequested: [
    { step: 'RELEASE_INVENTORY', command: 'RequestRelease', ends: ['InventoryReleased'], deadline: 'cancellation-unresolved' },
  ],
  ReservationAbandoned: [{ step: 'RELEASE_INVENTORY', command: 'RequestRelease', ends: [] }],
  OrderCancelled: [
    {
      step: 'CANCEL_ORDER',
      command: {
        PaymentFailed: 'RecordPaymentFailed',
        PaymentVoided: 'RecordPaymentVoided',
        InventoryReleased: 'RecordInventoryReleased',
        ReservationAbandoned: 'RecordInventoryReleased',
        OrderCancelled: 'CancelOrder',
      },
      ends: [],
    },
  ],
};

interface Open extends StepKind {
  readonly trigger: EventView;
  /** The event that asked, last. */
  request: EventView;
  outcome: EventView | null;
  attempts: number;
}

const refOf = ({ type, position, at }: EventView) => ({ type, position, at });
const attemptOf = ({ data }: EventView): number => (typeof data.attempt === 'number' ? data.attempt : 1);
const sameRefund = (a: EventView, b: EventView): boolean => a.data.refundId === b.data.refundId;
const commitOf = (position: string): string => position.slice(position.indexOf(':') + 1);

/** A request that is repeated under the next number goes on with its step. */
const goesOn = (open: Open, event: EventView): boolean =>
  open.outcome === null && open.request.type === event.type && attemptOf(event) > 1 && sameRefund(open.request, event);

function waitingFor(open: Open, waiting: readonly WaitingWork[]): Pick<FulfilmentStep, 'attempts' | 'waitingFor'> {
  const { attempts, request, deadline } = open;
  // What was asked of this stream and is not done: the request itself, or what has followed from it.
  const isBehind = ({ stream, position }: WaitingWork['trigger']) =>
    stream === request.stream && position >= BigInt(commitOf(request.position));
  const work =
    waiting.find(({ kind, trigger }) => kind === 'reaction' && isBehind(trigger)) ??
    waiting.find(({ kind, what }) => kind === 'deadline' && what === deadline);
  if (work === undefined) return { attempts, waitingFor: null };
  const { kind, what, dueAt, lastError } = work;
  const tries = kind === 'reaction' ? Math.max(0, work.attempts - 1) : 0;
  return { attempts: attempts + tries, waitingFor: { reason: lastError ?? what, dueAt: dueAt.toISOString() } };
}

function shown(open: Open, waiting: readonly WaitingWork[]): FulfilmentStep {
  const { step, command, trigger, outcome } = open;
  const tookMs = outcome === null ? null : Math.max(0, Date.parse(outcome.at) - Date.parse(trigger.at));
  const rest = outcome === null ? waitingFor(open, waiting) : { attempts: open.attempts, waitingFor: null };
  const named = typeof command === 'string' ? command : (command[trigger.type] ?? step);
  return { step, trigger: refOf(trigger), command: named, outcome: outcome === null ? null : refOf(outcome), tookMs, ...rest };
}

/** The steps in the order in which they were begun. `events` are those of the order's saga, in log order; `waiting` is what waits for it. */
export function fulfilmentSteps(events: readonly EventView[], waiting: readonly WaitingWork[]): readonly FulfilmentStep[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const steps: Open[] = [];
  for (const event of events) {
    for (const open of steps)
      if (
        open.outcome === null &&
        open.ends.includes(event.type) &&
        (open.step !== 'REFUND_PAYMENT' || sameRefund(open.request, event))
      )
        open.outcome = event;
    const same = steps.find((open) => goesOn(open, event));
    if (same !== undefined) {
      same.request = event;
      same.attempts = attemptOf(event);
      continue;
    }
    for (const kind of begins[event.type] ?? []) {
      const trigger = kind.ownTrigger === true ? event : (byId.get(event.causationId) ?? event);
      steps.push({ ...kind, trigger, request: event, outcome: kind.ends.length === 0 ? event : null, attempts: attemptOf(event) });
    }
  }
  return steps.map((open) => shown(open, waiting));
}
