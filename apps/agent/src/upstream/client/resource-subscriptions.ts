import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { RpcCode } from '../../wire/protocol.ts';
import { coversResource } from '../../wire/resource-address.ts';

const MOST_ADDRESSES = 1_000;

/** Which clients want to hear of which resources, on one connection or one after another. */
export class ResourceSubscriptions {
  readonly #byUri = new Map<string, Set<string>>();

  /** `first`: nobody had asked for this resource before. Null when there are too many. */
  add(uri: string, affinity: string): { first: boolean } | null {
    const existing = this.#byUri.get(uri);
    if (!existing && this.#byUri.size >= MOST_ADDRESSES) return null;
    const clients = existing ?? new Set();
    this.#byUri.set(uri, clients.add(affinity));
    return { first: !existing };
  }

  /** `last`: nobody wants to hear of it any more. */
  remove(uri: string, affinity: string): { last: boolean } {
    const clients = this.#byUri.get(uri);
    if (!clients?.delete(affinity) || clients.size > 0) return { last: false };
    this.#byUri.delete(uri);
    return { last: true };
  }

  /** The resources that nobody wants to hear of any more without this client. */
  removeClient(affinity: string): string[] {
    return [...this.#byUri.keys()].filter((uri) => this.remove(uri, affinity).last);
  }

  listUris(): string[] {
    return [...this.#byUri.keys()];
  }

  /** The clients to tell of a change of `uri`: those that subscribed to it, or to a resource that contains it, as a folder does a file. */
  listClients(uri: string): Set<string> {
    const clients = new Set<string>();
    for (const [wanted, affinities] of this.#byUri) {
      if (coversResource(wanted, uri)) for (const affinity of affinities) clients.add(affinity);
    }
    return clients;
  }
}

export const TOO_MANY_SUBSCRIPTIONS: RpcAnswer = {
  error: { code: RpcCode.internal, message: `More than ${MOST_ADDRESSES} resources of this server are subscribed to.` },
};
