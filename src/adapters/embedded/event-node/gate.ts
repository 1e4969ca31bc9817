// Who may call: everybody, or, where a user and a password are configured, whoever names them. As in EventStoreDB a call without
// credentials is denied access, and one with wrong ones is not authenticated. There is one user, who may do everything.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata, sendUnaryData } from '@grpc/grpc-js';
import { accessDenied, type CallError, unauthenticated } from './call-error.js';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Why the caller is turned away, if so. */
export type Gate = (headers: Metadata) => 'anonymous' | 'unknown' | undefined;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A gate for this user; without one, it is open. */
export function createGate(credentials: Credentials | undefined): Gate {
  if (credentials === undefined) return () => undefined;
  const wanted = digest(`${credentials.user}:${credentials.password}`);
  return (headers) => {
    const [header] = headers.get('authorization');
    if (header === undefined) return 'anonymous';
    const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(header.toString()) ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString('utf8')), wanted) ? undefined : 'unknown';
  };
}

/** What a caller is told who does not pass. */
export const gateError = (reason: 'anonymous' | 'unknown'): CallError =>
  reason === 'anonymous' ? accessDenied() : unauthenticated();

/** The handler behind the gate, of a call with one answer. */
export const guardAnswer =
  <Call extends { readonly metadata: Metadata }, Answer>(
    gate: Gate,
    handler: (call: Call, respond: sendUnaryData<Answer>) => void,
  ): typeof handler =>
  (call, respond) => {
    const refused = gate(call.metadata);
    if (refused === undefined) handler(call, respond);
    else respond(gateError(refused));
  };

/** The handler behind the gate, of a call whose answers are a stream. */
export const guardStream =
  <Call extends { readonly metadata: Metadata; emit(event: 'error', error: Error): boolean }>(
    gate: Gate,
    handler: (call: Call) => void,
  ): typeof handler =>
  (call) => {
    const refused = gate(call.metadata);
    if (refused === undefined) handler(call);
    else call.emit('error', gateError(refused));
  };
