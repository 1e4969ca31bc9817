// Who may reach an API that is open on loopback: nobody through a name of somebody else's, which is how a web page reaches a local
// server (DNS rebinding), and no page of another origin.

import type { IncomingHttpHeaders } from 'node:http';

export type Admission = (
  headers: IncomingHttpHeaders,
) => { readonly admitted: true } | { readonly admitted: false; readonly why: string };

const isLoopback = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);

/** The name in `host:port` or in an origin, in lower case; `null` if it is neither. */
function nameIn(text: string): string | null {
  try {
    return new URL(text).hostname;
  } catch {
    return null;
  }
}

/** Admits requests to a loopback name, or to that of the public URL, from no origin, one of those, or one that is allowed by name. */
export function localOnly(publicUrl: string | null, origins: readonly string[] = []): Admission {
  const ours = publicUrl === null ? null : nameIn(publicUrl);
  const known = (name: string | null) => name !== null && (name === ours || isLoopback(name));
  // Parsing an URL costs more than the rest of the check, and clients name us in a few ways only.
  const hosts = new Map<string, boolean>();
  const knownHost = (host: string): boolean => {
    const before = hosts.get(host);
    if (before !== undefined) return before;
    const answer = known(nameIn(`http://${host}`));
    if (hosts.size < 100) hosts.set(host, answer);
    return answer;
  };
  return ({ host, origin }) => {
    if (host === undefined || !knownHost(host))
      return { admitted: false, why: 'Access is open, so the Host must be a loopback name or that of PUBLIC_URL.' };
    if (origin !== undefined && !origins.includes(origin) && !known(nameIn(origin)))
      return {
        admitted: false,
        why: 'Access is open, so the Origin must be a loopback name, that of PUBLIC_URL, or one of CORS_ORIGINS.',
      };
    return { admitted: true };
  };
}
