// docs/domain.md is made from the code; this is the test of that.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { domainPage } from '../../../scripts/domain-page.js';

it('docs/domain.md is what the code decides (npm run docs:domain writes it)', () =>
  expect(readFileSync(join(import.meta.dirname, '../../../docs/domain.md'), 'utf8')).toBe(domainPage()));
