import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

export interface StalledLimits {
  sweepMs: number;
  /** sweeps in which a client has to take `leastBytes`, or all that waits for it */
  patience: number;
  leastBytes: number;
  /** bytes that wait for one client longer than for `largePatience` sweeps only where it takes them */
  largeBytes: number;
  largePatience: number;
  totalBytes: number;
}

const DEFAULTS: StalledLimits = {
  sweepMs: 1_000,
  patience: 20,
  leastBytes: 64 * 1024,
  largeBytes: 24 * 1024 * 1024,
  largePatience: 5,
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

/**
 * Cuts connections whose client does not read its answers, which wait in the memory of this agent. Who reads is not cut off for the size of what waits, unless all together
 * have too much.
 */
export class StalledReaders {
  readonly #limits: StalledLimits;
  readonly #sockets = new Map<Socket, Reader>();
  readonly #timer: NodeJS.Timeout;

  constructor(server: Server, limits: Partial<StalledLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.set(socket, { socket, mark: 0, sweeps: 0, bytes: 0 });
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#timer = setInterval(() => this.#sweep(), this.#limits.sweepMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const { patience, leastBytes, largeBytes, largePatience, totalBytes } = this.#limits;
    const waiting: Reader[] = [];
    for (const reader of this.#sockets.values()) {
      const sent = countSent(reader.socket);
      reader.bytes = countWaiting(reader.socket);
      const isReading = reader.bytes <= 0 || sent - reader.mark >= leastBytes;
      reader.sweeps = isReading ? 0 : reader.sweeps + 1;
      if (isReading) reader.mark = sent;
      if (reader.sweeps >= (reader.bytes > largeBytes ? largePatience : patience)) cutReader(reader.socket);
      else if (reader.bytes > 0) waiting.push(reader);
    }
    let total = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= totalBytes) return;
    for (const { socket, bytes } of waiting.toSorted((a, b) => b.sweeps - a.sweeps || b.bytes - a.bytes)) {
      if (total <= totalBytes) return;
      total -= bytes;
      cutReader(socket);
    }
  }
}

interface Reader {
  socket: Socket;
  /** bytes that were sent when it last took enough */
  mark: number;
  /** sweeps since then */
  sweeps: number;
  /** waiting now */
  bytes: number;
}

/** Bytes that wait for a client in the memory of this process. */
export function countWaiting(socket: Socket): number {
  return socket.bytesWritten - countSent(socket);
}

/**
 * Bytes that the network has taken. A socket counts a write as it is handed over and tells no more before all of it is gone, so that of a large answer nothing
 * would seem to be read until its end: how much is left of it only its handle knows.
 */
function countSent(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const isOpen = typeof handle === 'object' && handle !== null;
  const handed: unknown = isOpen ? Reflect.get(handle, 'bytesWritten') : null;
  const left: unknown = isOpen ? Reflect.get(handle, 'writeQueueSize') : null;
  return typeof handed === 'number' && typeof left === 'number' ? handed - left : socket.bytesWritten - socket.writableLength;
}
