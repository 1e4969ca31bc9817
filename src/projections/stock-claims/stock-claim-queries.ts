// What can be asked of the read model `stock_claims`.

import type { Sql } from '../sql.js';

/** An open claim of an order on a SKU, as the read model has it. */
export interface StockClaim {
  readonly orderId: string;
  readonly sku: string;
  /** The log position of the reservation's request, as digits: with it the claim is released or shipped. */
  readonly requestedAt: string;
  readonly reservedAt: string;
}

/** A claim that is open though its order is over; `status` is the order's, `null` if there is no such order. */
export interface OrphanCandidate extends StockClaim {
  readonly status: 'CANCELLED' | 'SHIPPED' | 'DELIVERED' | null;
}

interface ClaimRow {
  readonly order_id: string;
  readonly sku: string;
  readonly requested_at: bigint;
  readonly reserved_at: Date;
}

const claimOfRow = ({ order_id, sku, requested_at, reserved_at }: ClaimRow): StockClaim => ({
  orderId: order_id,
  sku,
  requestedAt: String(requested_at),
  reservedAt: reserved_at.toISOString(),
});

// now() and not clock_timestamp(): an index can only be searched for what stays the same while the statement runs.
const orphans = {
  name: 'stock-claims.orphan-candidates',
  text: `SELECT c.order_id, c.sku, c.requested_at, c.reserved_at, o.status
    FROM stock_claims AS c LEFT JOIN orders AS o ON o.id = c.order_id
    WHERE c.reserved_at < now() - $1 * interval '1 millisecond'
      AND (o.id IS NULL OR o.status IN ('CANCELLED', 'SHIPPED', 'DELIVERED'))
    ORDER BY c.reserved_at, c.position LIMIT $2`,
};

/**
 * Claims older than this, by the database's clock, whose order is missing or over; the oldest first. They are candidates: the two read
 * models may be at different places in the log, so whoever acts on one asks the streams first. The units of a claim whose order is SHIPPED
 * or DELIVERED have left the house, so that such a claim is to be shipped; any other is to be released. @throws Unavailable
 */
export async function orphanCandidates(sql: Sql, olderThanMs: number, limit: number): Promise<readonly OrphanCandidate[]> {
  const { rows } = await sql.query<ClaimRow & Pick<OrphanCandidate, 'status'>>(orphans, [olderThanMs, limit]);
  return rows.map((row) => ({ ...claimOfRow(row), status: row.status }));
}

const ofOrder = {
  name: 'stock-claims.of-order',
  text: 'SELECT order_id, sku, requested_at, reserved_at FROM stock_claims WHERE order_id = $1 ORDER BY sku',
};

/** The open claims of one order, by SKU. @throws Unavailable */
export async function openClaimsOf(sql: Sql, orderId: string): Promise<readonly StockClaim[]> {
  const { rows } = await sql.query<ClaimRow>(ofOrder, [orderId]);
  return rows.map(claimOfRow);
}
