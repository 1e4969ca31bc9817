// How a command ends that cannot do what it was asked: one sentence on stderr and exit code 1.

import { SettingsRefused } from '../config.js';
import { InfrastructureError } from '../domain/log/errors.js';
import { UnexpectedAnswer } from './client/answers.js';

/** What a command was asked for cannot be done; the message is the sentence for the person who asked. */
export class CommandFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What to write of an error: a sentence for what was foreseen, the stack of a defect. */
export function sentenceOf(error: unknown): string {
  if (error instanceof CommandFailed || error instanceof InfrastructureError || error instanceof UnexpectedAnswer)
    return error.message;
  if (error instanceof SettingsRefused) return error.sentences.join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
