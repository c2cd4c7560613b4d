import type http from 'node:http';

import WebSocket from 'ws';

import { joinBytes, type Frame } from '@gatehouse/protocol/codec';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@gatehouse/protocol/features';
import { LINK_PATH, MAX_FRAME_BYTES } from '@gatehouse/protocol/messages';

import type { CleanFrame } from './clean-frame.ts';

/** How a websocket ended: the close code (1006 without closing handshake) and, when it never opened, why. */
export interface SocketEnd {
  code: number;
  error: string | null;
}

/** One websocket as a queue: events only fill it and wake its single reader. */
export class HubSocket {
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  #end: SocketEnd | null = null;
  #error: string | null = null;
  #wake: (() => void) | null = null;

  constructor(hub: string, agent: http.Agent) {
    this.#socket = new WebSocket(new URL(LINK_PATH, hub), {
      agent,
      headers: { [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) },
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket.on('message', (data, isBinary) => {
      this.#frames.push({ data: joinBytes(data), isBinary });
      this.#notify();
    });
    this.#socket.on('error', (error) => {
      this.#error ??= 'code' in error ? `${String(error.code)}: ${error.message}` : error.message;
    });
    this.#socket.on('close', (code) => {
      this.#end = { code, error: this.#error };
      this.#notify();
    });
  }

  /** The next frame; null when the connection has ended and all frames were read. */
  async readFrame(): Promise<Frame | null> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame || this.#end) return frame ?? null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Null while it is open. */
  getEnd(): SocketEnd | null {
    return this.#end;
  }

  /** False when the connection is not open. */
  send(frame: CleanFrame): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame.text);
    return true;
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** Ends at once, without the other side's consent. */
  cut(reason: string): void {
    this.#error ??= reason;
    this.#socket.terminate();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
