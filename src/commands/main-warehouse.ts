// The warehouse `main`, which exists from the first start.

import { Unavailable } from '../domain/log/errors.js';
import { warehouse } from '../domain/warehouse/warehouse.js';
import type { CommandContext } from './command.js';
import type { CommandHandler } from './command-handler.js';

export const mainWarehouse = 'main';

/** Opens the warehouse `main` if it was never opened. @throws Unavailable */
export async function openMainWarehouse(handler: CommandHandler, context: CommandContext): Promise<void> {
  const { state } = await handler.load(warehouse, mainWarehouse);
  if (state.status !== 'NONE') return;
  const command = { type: 'PutWarehouse', warehouse: mainWarehouse, name: 'Main warehouse', region: null, priority: 0 } as const;
  const outcome = await handler.handle(warehouse, mainWarehouse, command, context);
  if (outcome.outcome === 'unavailable') throw new Unavailable(outcome.reason);
}
