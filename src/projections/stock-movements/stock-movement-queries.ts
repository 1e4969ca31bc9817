// What can be asked of the read model `stock_movements`.

import { formatPosition } from '../../domain/log/position.js';
import { type Page, pageOf } from '../shapes.js';
import type { Sql } from '../sql.js';
import type { MovementType, MovementView } from './stock-movement-view.js';

interface MovementRow {
  readonly position: bigint;
  readonly part: number;
  readonly warehouse: string;
  readonly type: MovementType;
  readonly at: Date;
  readonly on_hand: bigint;
  readonly reserved: bigint;
  readonly damaged: bigint;
  readonly on_hand_after: bigint;
  readonly reserved_after: bigint;
  readonly order_id: string | null;
  readonly reason: string | null;
  readonly command_id: string;
  readonly revision: number;
}

/** The last movement of the page before: its bare position, as digits, and which of its event's movements it is. */
export interface MovementPlace {
  readonly position: string;
  readonly part: number;
}

export interface MovementList {
  /** At least 1. */
  readonly limit: number;
  readonly warehouse?: string | null;
  /** The newest first, or the oldest. */
  readonly descending: boolean;
  /** Exclusive; without it from the first on. */
  readonly cursor?: MovementPlace | null;
}

function viewOfRow(row: MovementRow, logId: string): MovementView {
  const [onHand, reserved] = [Number(row.on_hand_after), Number(row.reserved_after)];
  return {
    position: formatPosition(logId, row.position),
    at: row.at.toISOString(),
    type: row.type,
    warehouse: row.warehouse,
    change: { onHand: Number(row.on_hand), reserved: Number(row.reserved), damaged: Number(row.damaged) },
    balance: { onHand, reserved, available: onHand - reserved },
    orderId: row.order_id,
    reason: row.reason,
    commandId: row.command_id,
    revision: row.revision,
  };
}

/** The movements of a SKU's stock, of one warehouse if it is named. @throws Unavailable */
export async function movementsOfSku(
  sql: Sql,
  sku: string,
  { limit, warehouse = null, descending, cursor }: MovementList,
): Promise<Page<MovementView, MovementPlace>> {
  const values: unknown[] = [sku];
  const parameter = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
  const conditions = ['sku = $1'];
  if (warehouse !== null) conditions.push(`warehouse = ${parameter(warehouse, 'text')}`);
  if (cursor) {
    const place = `(${parameter(cursor.position, 'bigint')}, ${parameter(cursor.part, 'integer')})`;
    conditions.push(`(position, part) ${descending ? '<' : '>'} ${place}`);
  }
  const way = descending ? 'DESC' : 'ASC';
  const { rows } = await sql.query<MovementRow>(
    `SELECT * FROM stock_movements WHERE ${conditions.join(' AND ')}
     ORDER BY position ${way}, part ${way} LIMIT ${parameter(limit + 1, 'integer')}`,
    values,
  );
  return pageOf(
    rows,
    limit,
    (row) => viewOfRow(row, sql.logId),
    ({ position, part }) => ({ position: String(position), part }),
  );
}

const anyMovement = { name: 'stock-movements.any', text: 'SELECT 1 FROM stock_movements WHERE sku = $1 LIMIT 1' };

/** Whether anything of the SKU was ever moved. @throws Unavailable */
export async function wasMoved(sql: Sql, sku: string): Promise<boolean> {
  return (await sql.query(anyMovement, [sku])).rows.length > 0;
}
