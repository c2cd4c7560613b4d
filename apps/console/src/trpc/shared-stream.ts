import { z } from 'zod';

import { type ChangeKind, isChangeKind } from './shown-queries.ts';

/** `live`: changes arrive by themselves. `paused`: the tab is hidden. `lost`: shown data may be old, a reconnect is under way. */
export type LiveState = 'connecting' | 'live' | 'paused' | 'lost';

/** The leader says this often that it is there, milliseconds. A print dialog stops a window that keeps its lock. */
const BEAT_MS = 10_000;
/** Whoever hears nothing for so long does not know any more whether its page is fresh. */
const SILENT_MS = 25_000;

/** What windows of one browser tell each other. A window of another release may say other things, so what does not parse is left. */
const Told = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello') }),
  z.object({ type: z.literal('state'), state: z.enum(['connecting', 'live', 'lost']), since: z.number() }),
  z.object({ type: z.literal('change'), kind: z.custom<ChangeKind>((kind) => typeof kind === 'string' && isChangeKind(kind)) }),
  z.object({ type: z.literal('retry') }),
]);
type Told = z.infer<typeof Told>;

/** What a window shows, and whether the stream is its own. */
export interface LiveView {
  leads: boolean;
  state: LiveState;
  /** since when the state is that; of a stream that is live, when it began, which tells it from the one before */
  since: number;
}

/** The part of BroadcastChannel that is used. */
export interface Channel {
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  postMessage(told: unknown): void;
  close(): void;
}

/** How windows of one browser find each other. */
export interface Windows {
  /** Waits for the lock of this name and keeps it until what `whenHeld` returns is settled. Rejects when `signal` ends the wait. */
  awaitLock(name: string, signal: AbortSignal, whenHeld: () => Promise<void>): Promise<void>;
  openChannel(name: string): Channel;
}

/** Null where there are no Web Locks: plain http on a name that is not localhost. */
export function findWindows(): Windows | null {
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) return null;
  return {
    awaitLock: (name, signal, whenHeld) => navigator.locks.request(name, { signal }, whenHeld),
    openChannel: (name) => new BroadcastChannel(name),
  };
}

interface Readings {
  /** something of this kind changed */
  onChange: (kind: ChangeKind) => void;
  /** a stream began: what changed before is unknown */
  onStarted: () => void;
  /** the stream gave up and is tried again: reading tells who is signed out */
  onRetry: () => void;
}

/**
 * One event stream for all visible windows of a browser that show the same workspace to the same person: the window that holds the lock leads, which is to
 * subscribe and to tell the others. Where windows cannot find each other each one leads.
 */
export class SharedStream {
  readonly #name: string;
  readonly #readings: Readings;
  readonly #findWindows: () => Windows | null;
  readonly #listeners = new Set<() => void>();
  #view: LiveView = { leads: false, state: 'paused', since: 0 };
  #wasLive = false;
  #channel: Channel | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** when the stream began whose changes arrive here; null until one is heard of */
  #streamSince: number | null = null;

  constructor(name: string, readings: Readings, find: () => Windows | null = findWindows) {
    this.#name = name;
    this.#readings = readings;
    this.#findWindows = find;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getView = (): LiveView => this.#view;

  /** Takes part while the window is visible. Returns what ends that, and gives the lock up. */
  join(): () => void {
    const leaving = new AbortController();
    this.#streamSince = null;
    this.#show({ leads: false, state: this.#wasLive ? 'lost' : 'connecting', since: Date.now() });
    const windows = this.#findWindows();
    if (windows) this.#connect(windows, leaving.signal);
    else this.#takeOver();
    return () => {
      leaving.abort();
      clearTimeout(this.#timer);
      this.#channel?.close();
      this.#channel = null;
      this.#show({ leads: false, state: 'paused', since: Date.now() });
    };
  }

  /** The leader's stream began. */
  start(): void {
    if (!this.#view.leads) return;
    // two streams do not begin in one millisecond; if they did, the second would be taken for the first and nothing read again
    this.#enter('live', Math.max(Date.now(), (this.#streamSince ?? 0) + 1));
  }

  /** The leader's stream is not there at the moment. */
  markLost(): void {
    if (this.#view.leads && this.#view.state === 'live') this.#enter('lost', Date.now());
  }

  /** The leader's stream told of a change. */
  change(kind: ChangeKind): void {
    this.#readings.onChange(kind);
    this.#tell({ type: 'change', kind });
  }

  /** The leader's stream gave up and is tried again. */
  retry(): void {
    this.#readings.onRetry();
    this.#tell({ type: 'retry' });
  }

  #connect(windows: Windows, leaving: AbortSignal): void {
    const channel = windows.openChannel(this.#name);
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => this.#receive(data));
    this.#tell({ type: 'hello' });
    this.#awaitBeat(Date.now());
    windows
      .awaitLock(this.#name, leaving, async () => {
        if (leaving.aborted) return;
        this.#takeOver();
        await new Promise<void>((resolve) => leaving.addEventListener('abort', () => resolve()));
      })
      .catch(() => {
        // a browser that forbids locks to this page: it has a stream of its own
        if (!leaving.aborted) this.#takeOver();
      });
  }

  /** That another window leads now is not told, so that nobody sees a loss of a moment: that its stream began is, or with the next beat that it did not. */
  #takeOver(): void {
    const { state, since } = this.#view;
    this.#show({ leads: true, ...(state === 'live' ? { state: 'lost', since: Date.now() } : { state, since }) });
    clearTimeout(this.#timer);
    this.#beat();
  }

  #beat(): void {
    if (!this.#channel) return;
    this.#timer = setTimeout(() => {
      this.#tellState();
      this.#beat();
    }, BEAT_MS);
  }

  #awaitBeat(heardAt: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#view.state === 'live') this.#show({ leads: false, state: 'lost', since: heardAt });
    }, SILENT_MS);
  }

  #receive(data: unknown): void {
    const { data: told } = Told.safeParse(data);
    if (!told) return;
    if (this.#view.leads) {
      if (told.type === 'hello') this.#tellState();
      return;
    }
    // another one that asks is no leader
    if (told.type === 'hello') return;
    this.#awaitBeat(Date.now());
    if (told.type === 'change') this.#readings.onChange(told.kind);
    else if (told.type === 'retry') this.#readings.onRetry();
    else this.#enter(told.state, told.since);
  }

  /** The state of the stream as the leader has it, or as a follower hears of it. A stream that is new here may have missed something. */
  #enter(state: 'connecting' | 'live' | 'lost', since: number): void {
    const isNew = state === 'live' && since !== this.#streamSince;
    if (isNew) this.#streamSince = since;
    const { leads } = this.#view;
    // to a page that was fresh a leader that never connected is a loss
    this.#show({ leads, state: state === 'connecting' && this.#wasLive ? 'lost' : state, since });
    if (leads) this.#tellState();
    if (isNew) this.#readings.onStarted();
  }

  #show(view: LiveView): void {
    const before = this.#view;
    if (view.state === 'live') this.#wasLive = true;
    if (before.leads === view.leads && before.state === view.state && before.since === view.since) return;
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }

  #tellState(): void {
    const { state, since } = this.#view;
    if (state !== 'paused') this.#tell({ type: 'state', state, since });
  }

  #tell(told: Told): void {
    this.#channel?.postMessage(told);
  }
}
