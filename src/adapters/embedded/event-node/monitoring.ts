// Monitoring.Stats: what the node says about itself, again and again. The names are EventStoreDB's where they mean the same.

import { freemem } from 'node:os';
import monitoring from '@eventstore/db-client/generated/monitoring_pb.js';
import { closing } from './call-error.js';
import { type Handler, serverStreaming } from './grpc/methods.js';
import type { Journal } from './journal.js';
import type { OpenCalls } from './open-calls.js';

const SHORTEST_MS = 100;

/** The handler of Monitoring.Stats. */
export function statsHandler({ index }: Journal, calls: OpenCalls): Handler {
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();
  let last = { at: process.hrtime.bigint(), used: process.cpuUsage() };

  /** In percent of one processor, since the last time somebody asked. */
  function cpu(): number {
    const at = process.hrtime.bigint();
    const { user, system } = process.cpuUsage(last.used);
    const elapsed = Number(at - last.at) / 1000;
    last = { at, used: process.cpuUsage() };
    return elapsed > 0 ? (100 * (user + system)) / elapsed : 0;
  }

  function stats(): monitoring.StatsResp {
    const response = new monitoring.StatsResp();
    const values = response.getStatsMap();
    values.set('proc-id', String(process.pid));
    values.set('proc-startTime', startedAt);
    values.set('proc-mem', String(process.memoryUsage.rss()));
    values.set('proc-cpu', cpu().toFixed(1));
    values.set('sys-freeMem', String(freemem()));
    values.set('es-events', String(index.visible));
    values.set('es-last-position', index.visible === 0 ? '-1' : String(index.positionOf(index.visible - 1)));
    return response;
  }

  return serverStreaming(monitoring.StatsReq.deserializeBinary, (request, call) => {
    const every = Math.max(Number(request.getRefreshTimePeriodInMs()), SHORTEST_MS);
    // A reader that is behind is told the newest when it has caught up.
    const tell = (): void => {
      if (!call.isFull) call.write(stats().serializeBinary());
    };
    const timer = setInterval(tell, every);
    const leave = calls.enter(() => call.fail(closing()));
    call.onClosed(() => {
      clearInterval(timer);
      leave();
    });
    tell();
  });
}
