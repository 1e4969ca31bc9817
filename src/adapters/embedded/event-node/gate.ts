// Who may call: everybody, or, where a user and a password are configured, whoever names them. As in EventStoreDB a call without
// credentials is denied access, and one with wrong ones is not authenticated. There is one user, who may do everything.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http2';
import { accessDenied, unauthenticated } from './call-error.js';
import type { Handler } from './grpc/methods.js';
import type { CallError } from './grpc/status.js';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Why the caller is turned away, if so. */
export type Gate = (headers: IncomingHttpHeaders) => 'anonymous' | 'unknown' | undefined;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A gate for this user; without one, it is open. */
export function createGate(credentials: Credentials | undefined): Gate {
  if (credentials === undefined) return () => undefined;
  const wanted = digest(`${credentials.user}:${credentials.password}`);
  return (headers) => {
    const { authorization } = headers;
    if (authorization === undefined) return 'anonymous';
    const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(authorization) ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString('utf8')), wanted) ? undefined : 'unknown';
  };
}

/** What a caller is told who does not pass. */
export const gateError = (reason: 'anonymous' | 'unknown'): CallError =>
  reason === 'anonymous' ? accessDenied() : unauthenticated();

/** The handler behind the gate. */
export const guarded =
  (gate: Gate, handler: Handler): Handler =>
  (call) => {
    const refused = gate(call.headers);
    if (refused === undefined) handler(call);
    else call.fail(gateError(refused));
  };
