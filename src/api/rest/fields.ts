// The fields that callers send, as schemas: what makes a request well-formed. What it means is for `decide` to judge.

import { z } from 'zod';
import * as values from '../../domain/values.js';

/** Control characters, and halves of surrogate pairs: not every store and every screen can show them. */
const odd = /[\p{Cc}\p{Cs}]/u;

/** Text of 1 to `most` UTF-16 units. */
export const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((given) => !odd.test(given), 'must have no control characters and no halves of surrogate pairs');

/** Case and surrounding space do not tell SKUs apart. */
export const sku = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9 ._-]{0,31}$/, 'must be 1 to 32 of A-Z, 0-9, space, ".", "_" and "-", beginning with a letter or digit')
  .meta({ description: 'Case and surrounding space are ignored.', pattern: '^\\s*[A-Za-z0-9][A-Za-z0-9 ._-]{0,31}\\s*$' });

export const uuid = z
  .uuid('must be a UUID')
  .regex(/^[^A-Z]*$/, 'must be a UUID in lower case')
  .meta({ format: 'uuid' });

export const customerId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, ".", "_", ":" and "-"');
export const warehouse = z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and "-"');
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters, as in ISO 4217');
export const money = values.amount;
export const paymentMethod = z.string().regex(/^[A-Za-z0-9_]{1,128}$/, 'must be 1 to 128 of A-Z, a-z, 0-9 and "_"');

/** Whole units of an order's line. */
export const quantity = z.int().min(1).max(1_000_000);
/** Whole units of a receipt. */
export const bulkQuantity = z.int().min(1).max(1_000_000_000);

const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** RFC 3339 with any offset; read as an instant in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be a time as in RFC 3339' })
  .refine((time) => Date.parse(time) >= earliest && Date.parse(time) < latest, 'must lie between 1970 and 2100')
  .transform((time) => new Date(time).toISOString());

/** A count in a query string. */
export const limit = z
  .string()
  .regex(/^(?:[1-9]\d?|100)$/, 'must be a number from 1 to 100')
  .transform(Number)
  .default(20)
  .meta({ type: 'integer', minimum: 1, maximum: 100, default: 20 });

/** A currency where none but an existing one can be meant; an order's is asked of the command, whose refusal names it. */
export const knownCurrency = currency.refine(values.isKnownCurrency, 'is not a currency of ISO 4217');
