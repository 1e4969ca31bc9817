// The simulator as a process of its own: `node process.js --data DIR [--port N] [--host H]`. It says on stdout, in one line of JSON,
// that it serves and where, or why it cannot; it ends on SIGTERM and when its stdin closes, because then its parent is gone.

import { parseArgs } from 'node:util';
import { createPaymentSimulator } from './simulator.js';

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

function giveUp(error: string): void {
  process.stdout.write(`${JSON.stringify({ ready: false, error })}\n`, () => process.exit(1));
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' }, host: { type: 'string' } } });
  if (values.data === undefined) return giveUp('The payment simulator needs --data, the folder for its ledger.');
  const { data: dataDir, host = '127.0.0.1' } = values;
  const simulator = await createPaymentSimulator({
    dataDir,
    host,
    port: Number(values.port ?? 0),
    log: (line) => console.error(line),
  });

  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.stdin.on('end', end).on('error', end).resume();
  simulator.failed.then((error) => {
    console.error(error.message);
    process.exit(1);
  });
  say({ ready: true, port: simulator.port });
}

run().catch((error: unknown) => giveUp(sentence(error)));

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const taken = 'code' in error && error.code === 'EADDRINUSE';
  return taken ? `The payment simulator's port is taken: ${error.message}.` : error.message;
}
