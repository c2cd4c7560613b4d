import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

export interface StalledLimits {
  sweepMs: number;
  /** sweeps without a byte taken, after which a client counts as gone */
  patience: number;
  /** bytes that may wait for one client: two of the largest answers */
  perClientBytes: number;
  totalBytes: number;
}

const DEFAULTS: StalledLimits = {
  sweepMs: 1_000,
  patience: 30,
  perClientBytes: 24 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
};

/** Cuts connections whose client does not read its answers, which wait in the memory of this agent. */
export class StalledReaders {
  readonly #limits: StalledLimits;
  readonly #sockets = new Map<Socket, { sent: number; idle: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(server: Server, limits: Partial<StalledLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.set(socket, { sent: 0, idle: 0 });
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#timer = setInterval(() => this.#sweep(), this.#limits.sweepMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const { patience, perClientBytes, totalBytes } = this.#limits;
    const waiting: Socket[] = [];
    for (const [socket, reader] of this.#sockets) {
      const bytes = socket.writableLength;
      const sent = socket.bytesWritten - bytes;
      reader.idle = bytes > 0 && sent === reader.sent ? reader.idle + 1 : 0;
      reader.sent = sent;
      if (bytes > perClientBytes || reader.idle >= patience) socket.destroy();
      else if (bytes > 0) waiting.push(socket);
    }
    let total = waiting.reduce((sum, { writableLength }) => sum + writableLength, 0);
    if (total <= totalBytes) return;
    for (const socket of waiting.toSorted((a, b) => b.writableLength - a.writableLength)) {
      if (total <= totalBytes) return;
      total -= socket.writableLength;
      socket.destroy();
    }
  }
}
