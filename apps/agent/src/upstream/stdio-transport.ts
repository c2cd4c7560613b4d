import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';

import type { StdioEntry } from '../config/stdio-entry.ts';
import { ResponseTooLarge } from '../outbound/response.ts';
import { createLineReader } from './line-reader.ts';
import { isRunning, startChild, stopChild, type Child } from './process-group.ts';

const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const MAX_LOG_LINE_BYTES = 64 * 1024;

export interface StdioTransportOptions {
  entry: StdioEntry;
  environment: Readonly<Record<string, string | undefined>>;
  /** one line that the child wrote to its standard error, or something about the child worth a line in the log */
  onLog: (line: string) => void;
  onStarted?: () => void;
}

/** MCP over the standard input and output of one child process. Lines that are no JSON-RPC message are skipped. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** why the child was given up, when it broke a bound */
  failure: Error | null = null;
  /** the SDK tells a stdio transport by these two members */
  readonly stderr = null;
  pid: number | null = null;

  readonly #options: StdioTransportOptions;
  #child: Child | null = null;
  #stopping: Promise<void> | null = null;
  #ended = false;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { entry, environment, onLog } = this.#options;
    const child = await startChild(entry, environment);
    this.#child = child;
    this.pid = child.pid ?? null;
    this.#options.onStarted?.();
    const messages = createLineReader(MAX_MESSAGE_BYTES, { line: (line) => this.#receive(line), tooLong: () => this.#giveUp() });
    const errors = createLineReader(MAX_LOG_LINE_BYTES, {
      line: (line) => onLog(line.toString('utf8')),
      tooLong: () => onLog('wrote an overlong line to its standard error'),
    });
    child.stdout.on('data', messages).on('error', (error) => this.onerror?.(error));
    child.stderr.on('data', errors).on('error', (error) => this.onerror?.(error));
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.once('exit', (code, signal) => {
      onLog(`ended with ${signal ?? `exit code ${code}`}`);
      this.#stop();
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (!child || !isRunning(child) || !child.stdin.writable) throw new Error('The server process has ended.');
    await new Promise<void>((resolve, reject) => {
      child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when the child and everything that it started have ended. */
  async close(): Promise<void> {
    if (this.#child) await (this.#stopping ??= stopChild(this.#child));
    this.#end();
  }

  /** After a message without end there is no telling where the next one begins. */
  #giveUp(): void {
    this.failure = new ResponseTooLarge(`The server wrote a message of more than ${MAX_MESSAGE_BYTES} bytes.`);
    this.#stop();
  }

  #stop(): void {
    this.close().catch((error: unknown) => this.onerror?.(error instanceof Error ? error : new Error(String(error))));
  }

  #receive(line: Buffer): void {
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line.toString('utf8')));
    } catch {
      this.#options.onLog(`wrote a line of ${line.length} bytes that is no message`);
      return;
    }
    this.onmessage?.(message);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onclose?.();
  }
}
