// One row of a retail file: text in, typed values out. Whether a well-formed row belongs to an order is not asked here.

/** The columns, in their order: those of the UCI "Online Retail" data set. */
export const columns = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'];

export interface Row {
  readonly invoice: string;
  /** Trimmed and upper-cased: codes that differ by case are one SKU. */
  readonly sku: string;
  /** `null`: the file has none. */
  readonly description: string | null;
  readonly quantity: number;
  /** RFC 3339: the file names no zone, and its times are read as UTC. */
  readonly placedAt: string;
  /** In minor units; `null` if it is not a whole number of them. */
  readonly unitPrice: number | null;
  /** Empty: the file has none. */
  readonly customerId: string;
}

/** A value that no row may have: completes "line 12: ...". */
export class BrokenRow extends Error {}

/**
 * A decimal number of the major unit as minor units, by its digits alone; `null` if it has a fraction of a minor unit.
 * @throws {BrokenRow} if it is not a decimal number, or too large to be exact.
 */
export function minorUnits(text: string): number | null {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (sign === undefined || whole === undefined)
    throw new BrokenRow(`UnitPrice is ${JSON.stringify(text)}, which is not a decimal number`);
  if (/[1-9]/.test(fraction.slice(2))) return null;
  const minor = Number(whole + fraction.slice(0, 2).padEnd(2, '0'));
  if (!Number.isSafeInteger(minor)) throw new BrokenRow(`UnitPrice is ${text}, which is too large`);
  return sign === '' || minor === 0 ? minor : -minor;
}

function wholeNumber(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new BrokenRow(`Quantity is ${JSON.stringify(text)}, which is not a whole number`);
  return value === 0 ? 0 : value;
}

function instant(text: string): string {
  const at = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? new Date(`${text.replace(' ', 'T')}.000Z`) : new Date(Number.NaN);
  // Some dates that do not exist (February 30) are taken for later ones.
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text.slice(0, 10)))
    throw new BrokenRow(`InvoiceDate is ${JSON.stringify(text)}, which is not a time such as 2011-11-14 08:10:00`);
  return at.toISOString();
}

/** A reader of rows that keeps one copy of each text that repeats: a file has few SKUs, descriptions and times, and many rows. */
export function rowReader(): (record: readonly string[]) => Row {
  const texts = new Map<string, string>();
  const instants = new Map<string, string>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  const sharedInstant = (text: string): string => {
    const known = instants.get(text) ?? instant(text);
    instants.set(text, known);
    return known;
  };
  return (record) => {
    const [invoice = '', stockCode = '', description = '', quantity = '', date = '', price = '', customer = ''] = record.map(
      (text) => text.trim(),
    );
    if (record.length !== columns.length)
      throw new BrokenRow(`it has ${record.length} ${record.length === 1 ? 'column' : 'columns'} instead of ${columns.length}`);
    if (invoice === '') throw new BrokenRow('InvoiceNo is empty');
    return {
      invoice: shared(invoice),
      sku: shared(stockCode.toUpperCase()),
      description: description === '' ? null : shared(description),
      quantity: wholeNumber(quantity),
      placedAt: sharedInstant(date),
      unitPrice: minorUnits(price),
      customerId: shared(customer),
    };
  };
}
