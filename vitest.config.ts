import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Files run one after another in a process: to load everything anew for each takes longer than most of them. Whoever changes what
    // outlives his file (the environment, the clock) puts it back.
    isolate: false,
    // Two cores are filled by two files, whose servers are processes beside them. Of the connections of the run's PostgreSQL, a file
    // takes up to thirty.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
