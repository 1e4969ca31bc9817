// CPU time of a running platform by process, read from /proc (Linux): what an order costs is counted over all of them.

import { readdirSync, readFileSync } from 'node:fs';

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** User and system time, microseconds. */
  readonly cpu: number;
}

const microsecondsPerTick = 10_000;

function timesOf(pid: number): ProcessTimes | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return { pid, parent: Number(fields[1]), command, cpu: (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick };
  } catch {
    return null;
  }
}

const parts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['event node', /event-node\/process\.js/],
  ['payment simulator', /simulator\/process\.js/],
  ['postgres', /postgres/],
  ['platform', /panglot\.js start/],
];

/** CPU microseconds used so far by each part of the platform that works under this data folder or below this process. */
export function cpuByPart(platformPid: number, postgresPid: number): ReadonlyMap<string, number> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? []);
  const ours = new Set([platformPid, postgresPid]);
  for (let grown = true; grown; ) {
    const before = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
    grown = ours.size > before;
  }
  const sums = new Map<string, number>();
  for (const { pid, command, cpu } of all) {
    if (!ours.has(pid)) continue;
    const part = parts.find(([, pattern]) => pattern.test(command))?.[0] ?? 'other';
    sums.set(part, (sums.get(part) ?? 0) + cpu);
  }
  return sums;
}
