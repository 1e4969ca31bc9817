// Runs chosen tests of a copy of the project again and again, while its sources change: one vitest and one PostgreSQL serve all runs.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createVitest, type Vitest } from 'vitest/node';

/** A test file, and the name (or a part of it) of tests in it. */
export interface Named {
  readonly test: string;
  readonly name: string;
  /** The source that has changed since the last run. */
  readonly file: string;
}

export interface Ran {
  /** Each as its file and its full name. */
  readonly passed: readonly string[];
  /** With what they say of why. */
  readonly failed: readonly string[];
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class TestBench {
  readonly #folder: string;
  readonly #vitest: Vitest;
  #changed: readonly string[] = [];

  private constructor(folder: string, vitest: Vitest) {
    this.#folder = folder;
    this.#vitest = vitest;
  }

  /** `folder`: where a whole project is. A test that fails ends its run. */
  static async open(folder: string): Promise<TestBench> {
    const vitest = await createVitest('test', { root: folder, watch: false, reporters: [{}], bail: 1 });
    return new TestBench(folder, vitest);
  }

  async run(wanted: readonly Named[]): Promise<Ran> {
    const vitest = this.#vitest;
    this.#compile();
    const changed = wanted.map(({ file }) => join(this.#folder, file));
    // What was changed before is as it was again.
    for (const path of [...this.#changed, ...changed]) vitest.invalidateFile(path);
    this.#changed = changed;
    vitest.setGlobalTestNamePattern(new RegExp(wanted.map(({ name }) => literally(name)).join('|')));
    const files = new Set(wanted.map(({ test }) => join(this.#folder, test)));
    const specifications = (await vitest.globTestSpecifications()).filter(({ moduleId }) => files.has(moduleId));
    const { testModules } = await vitest.runTestSpecifications(specifications);
    const ran: Record<'passed' | 'failed', string[]> = { passed: [], failed: [] };
    for (const module of testModules)
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        const name = `${module.relativeModuleId} ${test.fullName.replaceAll(' > ', ' ')}`;
        if (state === 'passed' || state === 'failed') ran[state].push([name, ...errors.map(({ message }) => message)].join(': '));
      }
    return ran;
  }

  /** Child processes run compiled code. What a defect does to the types is no matter. */
  #compile(): void {
    const text = "import { compileWhenStale } from './bin/compile.js'; compileWhenStale({ typeErrors: 'print' })";
    spawnSync(process.execPath, ['--input-type=module', '--eval', text], { cwd: this.#folder, stdio: 'ignore' });
  }

  close(): Promise<void> {
    return this.#vitest.close();
  }
}
