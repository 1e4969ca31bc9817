// A platform for a command that reads a few things and ends: nobody waits long for it, and Ctrl-C just ends it.

import { connectPlatform, type Platform } from './platform.js';

const patience = 5_000;

/** @throws {Unavailable} if no platform answers */
export async function askOnce<T>(url: string, work: (platform: Platform) => Promise<T>): Promise<T> {
  const platform = connectPlatform({ url, concurrency: 2, patience, signal: new AbortController().signal });
  try {
    await platform.greet();
    return await work(platform);
  } finally {
    platform.close();
  }
}
