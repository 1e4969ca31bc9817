import { describe, expect, it } from 'vitest';
import { startKeySweep } from '../../../src/api/rest/key-sweep.js';
import { eventually } from '../../support/condition.js';

const silent = { warn() {}, error() {} };
const hour = 3_600_000;

describe('the sweep of old keys', () => {
  it('goes on while there is more, then rests', async () => {
    const left = [true, true, false];
    let sweeps = 0;
    const sweep = startKeySweep({ sweep: async () => ({ dropped: 1, more: left[sweeps++] ?? true }) }, silent, hour);
    await eventually(() => sweeps === 3);
    await sweep.stop();
    expect(sweeps).toBe(3);
  });

  it('comes again, also after the database was away', async () => {
    const warnings: string[] = [];
    let sweeps = 0;
    const keys = {
      sweep: () => (++sweeps === 1 ? Promise.reject(new Error('away')) : Promise.resolve({ dropped: 0, more: false })),
    };
    const sweep = startKeySweep(keys, { ...silent, warn: (_fields, message) => void warnings.push(message) }, 1);
    await eventually(() => sweeps >= 3);
    await sweep.stop();
    expect(warnings).toHaveLength(1);
  });

  it('waits for the statement under way when it is stopped, and begins no other', async () => {
    let answer = (_swept: { dropped: number; more: boolean }) => {};
    let sweeps = 0;
    const keys = {
      sweep: () => {
        sweeps += 1;
        return new Promise<{ dropped: number; more: boolean }>((resolve) => (answer = resolve));
      },
    };
    const sweep = startKeySweep(keys, silent, 1);
    let stopped = false;
    const stopping = sweep.stop().then(() => (stopped = true));
    await Promise.resolve();
    expect(stopped).toBe(false);
    answer({ dropped: 1000, more: true });
    await stopping;
    expect(sweeps).toBe(1);
  });
});
