// The one way in which reading a file fails: with a sentence for the person who named it.

import { CommandFailed } from '../failed.js';

/** The file cannot be imported as it is. Nothing has been sent. */
export class FileRefused extends CommandFailed {}
