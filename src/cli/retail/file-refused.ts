// A file that cannot be imported as it is. It is thrown before anything was sent.

/** A sentence that names the file and, where there is one, the line. */
export class FileRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileRefused';
  }
}
