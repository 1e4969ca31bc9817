import { describe, expect, it } from 'vitest';
import { type WarehouseEvent, warehouseEvents } from '../../../src/domain/warehouse/warehouse.js';
import { isAmong } from '../../../src/projections/projection.js';
import { evolveWarehouseView, type WarehouseView, warehouseView } from '../../../src/projections/warehouses/warehouse-view.js';
import { asRecorded, at, idFor, logId } from '../story.js';

const isWarehouseEvent = isAmong<WarehouseEvent>(warehouseEvents);

const folded = (...events: readonly WarehouseEvent[]) =>
  warehouseView.strict().parse(
    asRecorded(events.map((event) => ({ stream: 'warehouse-main', event, correlationId: idFor('request') })))
      .filter(isWarehouseEvent)
      .reduce<WarehouseView | null>((view, recorded) => evolveWarehouseView(view, recorded, logId), null),
  );

const details = { name: 'Main', region: null, priority: 0 };
const opened: WarehouseEvent = { type: 'WarehouseOpened', data: { warehouse: 'main', ...details } };

describe('the warehouse that is shown', () => {
  it('is open from the start', () =>
    expect(folded(opened)).toEqual({
      id: 'main',
      ...details,
      open: true,
      createdAt: at(0),
      updatedAt: at(0),
      revision: 0,
      position: `${logId}:0`,
    }));

  it('is closed, keeps what it was, and can be opened again under another name', () => {
    const closed: WarehouseEvent = { type: 'WarehouseClosed', data: {} };
    expect(folded(opened, closed)).toMatchObject({ name: 'Main', open: false });
    const again: WarehouseEvent = { type: 'WarehouseOpened', data: { warehouse: 'main', ...details, name: 'New' } };
    expect(folded(opened, closed, again)).toMatchObject({ name: 'New', open: true, createdAt: at(0), updatedAt: at(2) });
  });
});
