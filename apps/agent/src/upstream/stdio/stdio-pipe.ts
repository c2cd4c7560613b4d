import type { JsonObject } from '@gatehouse/policy/documents/json';

import { toOneLine, writeJson } from '../../wire/json-text.ts';
import type { Pipe, PipeListener } from '../client/pipe.ts';
import { createServerClosedFailure, UpstreamFailure } from '../failure.ts';
import { createLineReader } from './line-reader.ts';
import { MEMORY_LIMIT_MB, type MemoryWatch } from './memory-watch.ts';
import { isRunning, startChild, stopChild, type Child } from './process-group.ts';
import type { OpenedEntry } from './stdio-entries.ts';

const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
const MAX_LOG_LINE_BYTES = 64 * 1024;
const LOG_LINES_PER_WINDOW = 200;
const LOG_WINDOW_MS = 10_000;

export interface StdioPipeOptions {
  opened: OpenedEntry;
  memory: MemoryWatch;
  /** one line that the child wrote to its standard error, or something about the child worth a line in the log */
  onLog: (line: string) => void;
  onStarted?: () => void;
}

/** MCP over the standard input and output of one child process. Lines that are no JSON-RPC message are skipped. */
export class StdioPipe implements Pipe {
  readonly #options: StdioPipeOptions;
  readonly #log: (line: string) => void;
  #listener: PipeListener | null = null;
  #child: Child | null = null;
  #stopWatching: (() => void) | null = null;
  /** who waits for a client to read */
  #holds = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: StdioPipeOptions) {
    this.#options = options;
    this.#log = limitLines(options.onLog);
  }

  /** the process runs, or ran */
  get started(): boolean {
    return this.#child !== null;
  }

  async open(listener: PipeListener): Promise<void> {
    const { opened, memory, onStarted } = this.#options;
    const child = await startChild(opened.launch);
    this.#child = child;
    this.#listener = listener;
    onStarted?.();
    const messages = createLineReader(MAX_MESSAGE_BYTES, {
      onLine: (line) => this.#receive(line),
      onTooLong: () => this.#giveUp('upstream_too_large', `The server wrote a message of more than ${MAX_MESSAGE_BYTES} bytes.`),
    });
    const errors = createLineReader(MAX_LOG_LINE_BYTES, {
      onLine: (line) => this.#log(line.toString('utf8')),
      onTooLong: () => this.#log('wrote an overlong line to its standard error'),
    });
    const note = (error: Error) => this.#log(`its pipe failed: ${error.message}`);
    child.stdout.on('data', messages).on('error', note);
    child.stderr.on('data', errors).on('error', note);
    child.stdin.on('error', note);
    child.once('exit', (code, signal) => {
      this.#log(`ended with ${signal ?? `exit code ${code}`}`);
      void this.#stop().then(() => this.#reportClosed(createServerClosedFailure()));
    });
    const limit = opened.entry.maxMemoryMb ?? MEMORY_LIMIT_MB;
    this.#stopWatching = memory.watch(child, limit, (usedMb) => {
      this.#log(`used ${usedMb} MB of memory; ${limit} MB are allowed`);
      this.#giveUp('upstream_unreachable', `The server process was ended: it used more than ${limit} MB of memory.`);
    });
  }

  async send(message: JsonObject): Promise<void> {
    const child = this.#child;
    if (!child || !isRunning(child) || !child.stdin.writable) throw createServerClosedFailure();
    await new Promise<void>((resolve, reject) => {
      child.stdin.write(`${toOneLine(writeJson(message))}\n`, (error) =>
        error ? reject(createServerClosedFailure(error)) : resolve(),
      );
    });
  }

  pauseUntil(over: Promise<void>): void {
    const stdout = this.#child?.stdout;
    if (!stdout) return;
    this.#holds += 1;
    stdout.pause();
    void over.then(() => {
      this.#holds -= 1;
      if (this.#holds === 0) stdout.resume();
    });
  }

  /** Resolves when the child and everything that it started have ended. */
  async close(): Promise<void> {
    await this.#stop();
  }

  /** After a message without end there is no telling where the next one begins; a greedy process is not left running. */
  #giveUp(code: UpstreamFailure['code'], message: string): void {
    this.#reportClosed(new UpstreamFailure(code, message));
    void this.#stop(true);
  }

  /** What the child wrote before its end is still read. */
  #stop(atOnce = false): Promise<void> {
    this.#stopWatching?.();
    if (!this.#child) return Promise.resolve();
    return (this.#stopping ??= stopChild(this.#child, this.#options.opened.launch, atOnce).catch((error: unknown) =>
      this.#log(`could not be ended: ${String(error)}`),
    ));
  }

  #receive(line: Buffer): void {
    const text = line.toString('utf8').trim();
    if (text.startsWith('{') || text.startsWith('[')) this.#listener?.onMessage(text);
    else if (text !== '') this.#log(`wrote a line of ${line.length} bytes that is no message`);
  }

  #reportClosed(failure: UpstreamFailure): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onClosed(failure);
  }
}

/** Lets a bounded number of lines through and says how many it did not. */
function limitLines(write: (line: string) => void): (line: string) => void {
  let windowStart = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return (line) => {
    const now = performance.now();
    if (now - windowStart >= LOG_WINDOW_MS) {
      if (lines > LOG_LINES_PER_WINDOW) write(`${lines - LOG_LINES_PER_WINDOW} lines were left out`);
      windowStart = now;
      lines = 0;
    }
    lines += 1;
    if (lines <= LOG_LINES_PER_WINDOW) write(line.slice(0, 2_000));
  };
}
