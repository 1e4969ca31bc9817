// A file as what is to be done with it: the orders to send, the invoices that are none, and what is needed on the shelves. Pure
// but for reading the file.

import { type Classified, classify, type NotAnOrder, type RetailOrder } from './classify.js';
import { invoiceGatherer } from './invoices.js';
import { type FileFacts, readRetailFile } from './read-file.js';

export interface LeftOut {
  readonly invoice: string;
  readonly firstLine: number;
  readonly rows: number;
  readonly reason: NotAnOrder;
}

export interface ImportPlan extends FileFacts {
  /** In the file's order. */
  readonly orders: readonly RetailOrder[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads the whole file before anything is sent, so that a broken row at its end leaves nothing half done.
 * @throws {FileRefused}
 */
export async function planImport(path: string): Promise<ImportPlan> {
  const gatherer = invoiceGatherer();
  const facts = await readRetailFile(path, gatherer.take);
  const orders: RetailOrder[] = [];
  const leftOut: LeftOut[] = [];
  for (const invoice of gatherer.invoices()) {
    const classified: Classified = classify(invoice);
    if (classified.kind === 'order') orders.push(classified.order);
    else
      leftOut.push({
        invoice: invoice.number,
        firstLine: invoice.firstLine,
        rows: invoice.lines.length,
        reason: classified.reason,
      });
  }
  return { ...facts, orders, leftOut };
}
