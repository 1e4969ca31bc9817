import { describe, it } from 'vitest';
import { type WarehouseCommand, type WarehouseEvent, warehouse } from '../../../src/domain/warehouse/warehouse.js';
import { given } from '../given-when-then.js';

const details = { name: 'North', region: null, priority: 2 };
const put: WarehouseCommand = { type: 'PutWarehouse', warehouse: 'north', ...details };
const opened: WarehouseEvent = { type: 'WarehouseOpened', data: { warehouse: 'north', ...details } };

describe('a warehouse', () => {
  it('is opened', () => given(warehouse).when(put).thenEvents(opened));
  it('put again as it is adds nothing', () => given(warehouse, [opened]).when(put).thenNothing());
  it('is changed', () =>
    given(warehouse, [opened])
      .when({ ...put, priority: 3 })
      .thenEvents({ type: 'WarehouseChanged', data: { ...details, priority: 3 } }));
  it('that was closed opens again', () =>
    given(warehouse, [opened, { type: 'WarehouseClosed', data: {} }])
      .when(put)
      .thenEvents(opened));
});
