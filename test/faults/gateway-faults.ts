// A payment gateway that misbehaves on purpose.

import type { PaymentGateway } from '../../src/commands/payment-gateway.js';

/** The gateway, with some of its operations replaced. */
export const withGatewayFaults = (gateway: PaymentGateway, faults: Partial<PaymentGateway>): PaymentGateway => ({
  name: gateway.name,
  create: (request) => gateway.create(request),
  confirm: (request) => gateway.confirm(request),
  capture: (request) => gateway.capture(request),
  cancel: (request) => gateway.cancel(request),
  retrieve: (intentId) => gateway.retrieve(intentId),
  refund: (request) => gateway.refund(request),
  findRefund: (lookup) => gateway.findRefund(lookup),
  ...faults,
});

/** Something that stands in the way until it is opened. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
