// The order of the test files: the longest first, so that no worker is left alone with one of them in the end, and those that wait much
// (for servers to start, for disks) between those that reckon much. vitest knows how long a file takes only where it has run before.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take more than ten seconds. */
const longest = [
  'faults/crash-points.int',
  'campaigns/kills.system',
  'faults/zombies.int',
  'adapters/embedded/postgres/launcher.int',
  'faults/stalled.int',
  'cli/demo.system',
  'system/restart.system',
  'api/pages/browser.int',
  'faults/races.int',
  'faults/event-node-kills.int',
  'adapters/embedded/event-node/process.int',
  'commands/process-manager/runner.int',
  'adapters/embedded/postgres/users.int',
  'cli/event-node-command.int',
  'projections/runtime/projector.int',
  'faults/keys.int',
  'model/saga',
  'campaigns/requests.int',
  'faults/neighbours.int',
  'system/two-processes.system',
].map((name) => `/test/${name}.test.ts`);

function placeOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((file) => moduleId.endsWith(file));
  return place === -1 ? longest.length : place;
}

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}
