// What is told of an event beside its type: the few facts of its data that a reader of an order's story wants to know.

import { money, whole } from '../text.js';

type Data = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const items = (value: unknown): readonly Data[] => (Array.isArray(value) ? value : []);
const counted = (count: number, one: string, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;
const units = (of: unknown) =>
  counted(
    items(of).reduce((sum, { quantity }) => sum + Number(quantity ?? 0), 0),
    'unit',
  );
const shortages = (of: unknown) =>
  items(of)
    .map(({ sku, requested, available }) => `${sku}: ${requested} wanted, ${available} there`)
    .join('; ');
const said = (...parts: readonly string[]) => parts.filter((part) => part !== '').join(', ');
const failure = ({ code, message }: Data) => `${text(code)}: ${text(message)}`;
const attempt = ({ attempt: number }: Data) => (typeof number === 'number' && number > 1 ? `attempt ${number}` : '');

/** What an event of a type has to say; a type that is not here says nothing more than its name. */
const details: Readonly<Record<string, (data: Data, currency: string) => string>> = {
  OrderCreated: ({ lines, total }, currency) =>
    said(counted(items(lines).length, 'line'), units(lines), money(Number(total), currency)),
  OrderPaymentFailed: failure,
  OrderPaymentVoided: ({ expired }) => (expired === true ? 'it had expired at the gateway' : ''),
  OrderPaymentCaptured: ({ amount }, currency) => money(Number(amount), currency),
  OrderPaymentRefunded: ({ amount }, currency) => money(Number(amount), currency),
  OrderCancellationRequested: (data) =>
    said(`by the ${text(data.by)}: ${text(data.reason)}`, text(data.note), shortages(data.shortages)),
  OrderCancelled: ({ reason }) => text(reason),
  OrderShipped: ({ carrier, trackingNumber }) => said(text(carrier), text(trackingNumber)),
  OrderReturnAccepted: ({ lines, amount }, currency) => said(units(lines), money(Number(amount), currency)),
  OrderAttentionRaised: ({ code, detail }) => `${text(code)}: ${text(detail)}`,
  OrderAttentionCleared: ({ note }) => text(note),
  PaymentRequested: (data, currency) => said(money(Number(data.amount), currency), text(data.method), attempt(data)),
  GatewayPaymentCreated: ({ gateway, intentId }) => `${text(gateway)} ${text(intentId)}`,
  PaymentFailed: failure,
  PaymentCaptureRequested: (data, currency) => said(money(Number(data.amount), currency), attempt(data)),
  PaymentCaptured: ({ amount }, currency) => money(Number(amount), currency),
  PaymentCaptureFailed: failure,
  PaymentVoided: ({ neverRequested }) => (neverRequested === true ? 'it had never been asked for' : ''),
  RefundRequested: (data, currency) => said(money(Number(data.amount), currency), attempt(data)),
  RefundAccepted: ({ amount, gatewayRefundId }, currency) => said(money(Number(amount), currency), text(gatewayRefundId)),
  RefundFailed: failure,
  InventoryReservationRequested: (data) => said(counted(items(data.items).length, 'SKU'), units(data.items)),
  InventoryReservationFailed: (data) => shortages(data.shortages),
};

/** The facts of an event, in a few words; empty if its type says it all. */
export const detailOf = (type: string, data: Data, currency: string): string => details[type]?.(data, currency) ?? '';

/** How many units an event of a stock stream moves. */
export const unitsMoved = ({ portions, quantity }: Data): number =>
  Array.isArray(portions)
    ? items(portions).reduce((sum, portion) => sum + Number(portion.quantity ?? 0), 0)
    : Number(quantity ?? 0);
