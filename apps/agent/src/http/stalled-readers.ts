import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

export interface StalledLimits {
  sweepMs: number;
  /** sweeps in which a client has to take `leastBytes`, or all that waits for it */
  patience: number;
  leastBytes: number;
  /** bytes that may wait for one client: two of the largest answers */
  perClientBytes: number;
  totalBytes: number;
}

const DEFAULTS: StalledLimits = {
  sweepMs: 1_000,
  patience: 20,
  leastBytes: 64 * 1024,
  perClientBytes: 24 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

const cutOff = new WeakSet<Socket>();

/** Cuts the connection of a client that does not read its answers. */
export function cutReader(socket: Socket): void {
  cutOff.add(socket);
  socket.destroy();
}

/** Whether the connection was cut because its client did not read. */
export function wasCutOff(socket: Socket): boolean {
  return cutOff.has(socket);
}

/** Cuts connections whose client does not read its answers, which wait in the memory of this agent. */
export class StalledReaders {
  readonly #limits: StalledLimits;
  readonly #sockets = new Map<Socket, { mark: number; sweeps: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(server: Server, limits: Partial<StalledLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.set(socket, { mark: 0, sweeps: 0 });
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#timer = setInterval(() => this.#sweep(), this.#limits.sweepMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const { patience, leastBytes, perClientBytes, totalBytes } = this.#limits;
    const waiting: Socket[] = [];
    for (const [socket, reader] of this.#sockets) {
      const bytes = socket.writableLength;
      const sent = socket.bytesWritten - bytes;
      const isReading = bytes === 0 || sent - reader.mark >= leastBytes;
      reader.sweeps = isReading ? 0 : reader.sweeps + 1;
      if (isReading) reader.mark = sent;
      if (bytes > perClientBytes || reader.sweeps >= patience) cutReader(socket);
      else if (bytes > 0) waiting.push(socket);
    }
    let total = waiting.reduce((sum, { writableLength }) => sum + writableLength, 0);
    if (total <= totalBytes) return;
    for (const socket of waiting.toSorted((a, b) => b.writableLength - a.writableLength)) {
      if (total <= totalBytes) return;
      total -= socket.writableLength;
      cutReader(socket);
    }
  }
}
