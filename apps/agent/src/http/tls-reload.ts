import { stat } from 'node:fs/promises';

import type { Logger } from 'pino';

import { readTlsPair, TlsFilesError, type TlsFiles, type TlsPair } from './tls-files.ts';

/** What operators see of the listener's certificate. */
export interface TlsState {
  /** ISO time at which the certificate that is served ends */
  notAfter: string;
  /** why the files on disk are not the ones that are served, or that the one that is served has ended; null when all is well */
  error: string | null;
}

export interface TlsReloadOptions {
  files: TlsFiles;
  /** puts a new pair into use for the next handshakes */
  apply: (pair: TlsPair) => void;
  log: Logger;
  now: () => Date;
  /** milliseconds between two looks at the files */
  everyMs?: number;
}

const EVERY_MS = 2_000;

/**
 * Looks at both files again and again and takes a new pair without a restart. Polls instead of watching: certificates come by an atomic
 * replace (certbot) or by a change of a symbolic link two folders up (Kubernetes), which a watcher of the file does not see. A pair that
 * cannot be used leaves the old one in use.
 */
export class TlsReload {
  readonly #options: TlsReloadOptions;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  /** identity of the files whose pair is in use */
  #inUse: string;
  #seen = '';
  #notAfter: string;
  #error: string | null = null;

  private constructor(options: TlsReloadOptions, pair: TlsPair, identity: string) {
    this.#options = options;
    this.#notAfter = pair.notAfter;
    this.#inUse = identity;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#checkFiles().finally(() => (this.#looking = null));
    }, options.everyMs ?? EVERY_MS).unref();
  }

  /** Reads the first pair, which the caller puts into use. Rejects with TlsFilesError. */
  static async open(options: TlsReloadOptions): Promise<{ reload: TlsReload; pair: TlsPair }> {
    // read before the content, so that a change in between is noticed
    const identity = await readFileIdentity(options.files);
    const pair = readTlsPair(options.files, options.now());
    return { reload: new TlsReload(options, pair, identity), pair };
  }

  getState(): TlsState {
    const ended = Date.parse(this.#notAfter) <= this.#options.now().getTime();
    return { notAfter: this.#notAfter, error: this.#error ?? (ended ? `The certificate expired at ${this.#notAfter}` : null) };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #checkFiles(): Promise<void> {
    const { files, apply, log, now } = this.#options;
    const identity = await readFileIdentity(files);
    if (identity === this.#inUse) return;
    try {
      const pair = readTlsPair(files, now());
      apply(pair);
      this.#inUse = identity;
      this.#notAfter = pair.notAfter;
      this.#error = null;
      log.info({ notAfter: pair.notAfter }, 'a new certificate is in use');
    } catch (error) {
      const problem = error instanceof TlsFilesError ? error.message : 'The new certificate cannot be used';
      // the first look may fall between the replacement of one file and of the other
      if (identity === this.#seen && problem !== this.#error) {
        this.#error = problem;
        log.error({ problem }, 'a new certificate cannot be used; the old one stays in use');
      }
      this.#seen = identity;
    }
  }
}

/** Changes when either file is replaced or written; a file that is missing has an identity too. */
async function readFileIdentity({ certFile, keyFile }: TlsFiles): Promise<string> {
  const parts = await Promise.all(
    [certFile, keyFile].map((file) =>
      stat(file, { bigint: true }).then(
        ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':'),
        () => 'missing',
      ),
    ),
  );
  return parts.join(' ');
}
