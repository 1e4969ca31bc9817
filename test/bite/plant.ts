// Plants a defect in a copy of the project, and takes it out again.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Defect } from './defects.js';

/** Answers what takes it out again. */
export function plant(folder: string, { file, find, replace }: Defect): () => void {
  const path = join(folder, file);
  const sound = readFileSync(path, 'utf8');
  const occurrences = sound.split(find).length - 1;
  if (occurrences !== 1) throw new Error(`${file} holds ${occurrences} times what is to be changed: ${find}`);
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  return () => writeFileSync(path, sound);
}
