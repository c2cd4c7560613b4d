const DEADLINE_MS = 30_000;

interface Waiter<T> {
  accepts(item: T): boolean;
  resolve(item: T): void;
}

/** What happened so far, in order, and promises for what has not happened yet. */
export class Recording<T> {
  readonly #name: string;
  readonly #items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();

  /** `name` says in a failed wait what was waited for. */
  constructor(name: string) {
    this.#name = name;
  }

  get all(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    this.#items.push(item);
    for (const waiter of this.#waiters) {
      if (!waiter.accepts(item)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(item);
    }
  }

  /** The first that is accepted, of the past too. Rejects after 10 s, telling what was there. */
  async waitForFirst<S extends T>(accepts: (item: T) => item is S): Promise<S>;
  async waitForFirst(accepts?: (item: T) => boolean): Promise<T>;
  async waitForFirst(accepts: (item: T) => boolean = () => true): Promise<T> {
    return this.#items.find(accepts) ?? this.waitForNext(accepts);
  }

  /** Settles once there are `count` that are accepted, of the past too. */
  async waitForCount(count: number, accepts: (item: T) => boolean = () => true): Promise<T[]> {
    let found = this.#items.filter(accepts);
    while (found.length < count) {
      await this.waitForNext(accepts);
      found = this.#items.filter(accepts);
    }
    return found;
  }

  /** The first that is accepted from now on. */
  waitForNext<S extends T>(accepts: (item: T) => item is S): Promise<S>;
  waitForNext(accepts?: (item: T) => boolean): Promise<T>;
  waitForNext(accepts: (item: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`No such ${this.#name} within ${DEADLINE_MS} ms. Seen: ${JSON.stringify(this.#items).slice(0, 4_000)}`));
      }, DEADLINE_MS);
      const waiter: Waiter<T> = {
        accepts,
        resolve: (item) => {
          clearTimeout(deadline);
          resolve(item);
        },
      };
      this.#waiters.add(waiter);
    });
  }
}

/** Accepts messages of one type that are accepted by `accepts`. */
function createTypeGuard<M extends { type: string }, T extends M['type']>(
  type: T,
  accepts: (message: Extract<M, { type: T }>) => boolean,
) {
  const hasType = (message: M): message is Extract<M, { type: T }> => message.type === type;
  return (message: M): message is Extract<M, { type: T }> => hasType(message) && accepts(message);
}

/** One end of a connection that keeps what it is sent. */
export class Listener<M extends { type: string }> {
  /** every message of a known form, in order */
  readonly messages: Recording<M>;

  constructor(name: string) {
    this.messages = new Recording<M>(name);
  }

  /** The first message of a type that is accepted, of the past too. */
  waitForFirst<T extends M['type']>(
    type: T,
    accepts: (message: Extract<M, { type: T }>) => boolean = () => true,
  ): Promise<Extract<M, { type: T }>> {
    return this.messages.waitForFirst(createTypeGuard<M, T>(type, accepts));
  }

  /** The first message of a type that is accepted, from now on. */
  waitForNext<T extends M['type']>(
    type: T,
    accepts: (message: Extract<M, { type: T }>) => boolean = () => true,
  ): Promise<Extract<M, { type: T }>> {
    return this.messages.waitForNext(createTypeGuard<M, T>(type, accepts));
  }
}
