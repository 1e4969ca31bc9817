// Everything that the doctor looks at, in the order in which it matters.

import { type Config, type Environment, loadConfig, SettingsRefused } from '../../config.js';
import { settingWarnings } from '../../config-warnings.js';
import { runningIn } from '../presence.js';
import { checkDataFolder } from './data-folder.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { checkNode, checkPackages, checkPostgresPrograms } from './machine.js';
import { checkPorts, checkServers } from './network.js';

export interface Patient {
  /** The folder of Panglot itself. */
  readonly root: string;
  readonly nodeVersion: string;
  readonly env: Environment;
}

function readSettings(env: Environment): { readonly config: Config | null; readonly findings: readonly Finding[] } {
  const warned = settingWarnings(env).map((sentence) => warning('Settings', sentence, 'Correct its name, or unset it.'));
  try {
    return { config: loadConfig(env), findings: warned.length === 0 ? [ok('Settings', 'They can be used.')] : warned };
  } catch (error) {
    if (!(error instanceof SettingsRefused)) throw error;
    const advice = 'Correct it ("panglot config" shows every setting). What depends on the settings was not looked at.';
    return { config: null, findings: [...error.sentences.map((sentence) => problem('Settings', sentence, advice)), ...warned] };
  }
}

/** Looks at everything; nothing of it is changed. */
export async function diagnose({ root, nodeVersion, env }: Patient): Promise<readonly Finding[]> {
  const { config, findings } = readSettings(env);
  const machine = [checkNode(root, nodeVersion), checkPackages(root)];
  if (config === null) return [...machine, ...findings];
  const running = runningIn(config.DATA_DIR);
  const embedded = { postgres: config.DATABASE_URL === null };
  return [
    ...machine,
    ...(embedded.postgres ? [await checkPostgresPrograms(config.DATA_DIR)] : []),
    ...findings,
    ...(await checkDataFolder(config.DATA_DIR, running, embedded)),
    ...(await checkPorts(config, running)),
    ...(await checkServers(config, running)),
  ];
}
