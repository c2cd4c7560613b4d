import { randomUUID } from 'node:crypto';

import type { CompiledConfig, CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { ClientText } from '../../call/client-text.ts';
import { sendError } from '../../http/reply.ts';
import { SseStream } from '../../http/sse-stream.ts';
import type { UpstreamClient } from '../../upstream/conversation.ts';
import { toUpstreamFailure } from '../../upstream/failure.ts';
import { METHOD_NOT_FOUND, type ClientRequest, type RpcId } from '../../wire/json-rpc.ts';
import { getMeta } from '../../wire/meta.ts';
import { META, NOTIFICATION, RpcCode } from '../../wire/protocol.ts';
import { askServer } from '../ask-server.ts';
import { describeCapabilities, getServerInfo } from '../capabilities.ts';
import type { AdmittedRequest, EndpointDeps } from '../endpoint.ts';
import { findChangedLists, LIST_CHANGED, LIST_KINDS, type ListKind } from '../lists.ts';
import { findReadable, ResourceWatches } from '../resource-watches.ts';
import { formatModernResult } from './relay.ts';

const MAX_STREAMS_PER_KEY = 50;
const MAX_RESOURCES = 200;
const KEEP_ALIVE_MS = 15_000;

const FILTERS: Record<ListKind, string> = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
};

interface Filter {
  lists: ReadonlySet<ListKind>;
  uris: readonly string[];
}

interface Subscription {
  id: RpcId;
  key: SnapshotClientKey;
  stream: SseStream;
  filter: Filter;
  known: CompiledProfile['listHashes'];
  serverInfo: JsonObject;
  text: ClientText;
}

/** The open `subscriptions/listen` of all clients: list changes come from the profile, changes of resources from their servers. */
export class Subscriptions {
  readonly #deps: EndpointDeps;
  readonly #open = new Set<Subscription>();
  readonly #timer: NodeJS.Timeout;

  constructor(deps: EndpointDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.#open.forEach(({ stream }) => stream.keepAlive()), KEEP_ALIVE_MS).unref();
  }

  /** Opens a stream: what is listened to first, then every change of it, each with the id of this request. */
  listen({ response, caller }: AdmittedRequest, { id, params }: ClientRequest, client: UpstreamClient): void {
    const { work } = this.#deps;
    const wanted = readFilter(params['notifications']);
    if (!wanted) {
      const message = "Invalid params: 'notifications' is required and says what to listen to.";
      return sendError(response, 200, id, { code: RpcCode.invalidParams, message });
    }
    if (work.countStreams(caller.key.keyId) >= MAX_STREAMS_PER_KEY) {
      return sendError(response, 429, id, { code: RpcCode.refused, message: 'Too many streams are open for this key.' });
    }
    const { profile } = caller;
    const filter = selectDeliverable(
      wanted,
      profile,
      (uri) => findReadable(this.#deps.current, profile.profile.slug, uri) !== null,
    );
    work.addStream(caller.key, response);
    const subscription: Subscription = {
      id,
      key: caller.key,
      stream: new SseStream(response),
      filter,
      known: profile.listHashes,
      serverInfo: getServerInfo(profile, this.#deps.agentVersion),
      text: new ClientText(this.#deps.scrub, profile.profile),
    };
    const notifications = {
      ...Object.fromEntries([...filter.lists].map((kind) => [FILTERS[kind], true])),
      ...(filter.uris.length > 0 && { resourceSubscriptions: filter.uris }),
    };
    this.#notify(subscription, NOTIFICATION.subscriptionsAcknowledged, { notifications });
    if (filter.lists.size === 0 && filter.uris.length === 0) return this.#end(subscription);
    this.#open.add(subscription);
    const watches = filter.uris.length > 0 ? this.#watch(subscription, profile.profile.slug, client) : null;
    subscription.stream.onClose(() => {
      this.#open.delete(subscription);
      watches?.close();
    });
  }

  /** Whether a client with this key is told when this list changes. */
  isTelling({ keyId }: SnapshotClientKey, kind: ListKind): boolean {
    return [...this.#open].some(({ key, filter }) => key.keyId === keyId && filter.lists.has(kind));
  }

  /** Tells of changed lists, and ends the streams of profiles that are gone. */
  review({ profilesById }: CompiledConfig): void {
    for (const subscription of this.#open) {
      const profile = profilesById.get(subscription.key.profileId);
      if (!profile) {
        this.#end(subscription);
        continue;
      }
      for (const kind of findChangedLists(subscription.known, profile.listHashes)) {
        if (subscription.filter.lists.has(kind)) this.#notify(subscription, LIST_CHANGED[kind], {});
      }
      subscription.known = profile.listHashes;
      subscription.text = new ClientText(this.#deps.scrub, profile.profile);
    }
  }

  /** Ends every stream in the protocol's way: with the result of its request. */
  close(): void {
    clearInterval(this.#timer);
    for (const subscription of this.#open) this.#end(subscription);
  }

  #notify({ stream, id, text }: Subscription, method: string, params: JsonObject): void {
    const stamped = { ...params, _meta: { ...getMeta(params), [META.subscriptionId]: id } };
    stream.sendText(text.toJson({ jsonrpc: '2.0', method, params: stamped }));
  }

  #end(subscription: Subscription): void {
    const { stream, id, serverInfo } = subscription;
    this.#open.delete(subscription);
    stream.send({ jsonrpc: '2.0', id, result: formatModernResult({ _meta: { [META.subscriptionId]: id } }, serverInfo) });
    stream.end();
  }

  /** To its servers every subscription is a client of its own, so that the end of one does not close what another uses. */
  #watch(subscription: Subscription, profileSlug: string, client: UpstreamClient): { close(): void } {
    const { upstreams, current, log } = this.#deps;
    const own: UpstreamClient = {
      ...client,
      affinity: `${client.affinity}:${randomUUID()}`,
      getLogLevel: () => null,
      onMessage: (serverId, { method, params }, answer) => {
        if (answer) answer({ error: METHOD_NOT_FOUND });
        else if (method === NOTIFICATION.resourceUpdated && params) watches.relayUpdate(serverId, params);
      },
    };
    const watches = new ResourceWatches({
      find: (uri) => findReadable(current, profileSlug, uri),
      ask: (server, request) => askServer(upstreams, { server, client: own }, request),
      onUpdated: (params) => this.#notify(subscription, NOTIFICATION.resourceUpdated, params),
      log,
    });
    const closed = new AbortController();
    for (const uri of subscription.filter.uris) {
      watches.add(uri, closed.signal).catch((error: unknown) => {
        const failure = toUpstreamFailure(error, closed.signal);
        // the protocol has no message that would tell the client
        if (!closed.signal.aborted) log.warn({ code: failure.code }, 'a resource could not be watched');
      });
    }
    return {
      close: () => {
        closed.abort();
        watches.close();
        upstreams.endClient(own.affinity);
      },
    };
  }
}

function readFilter(value: unknown): Filter | null {
  if (!isJsonObject(value)) return null;
  const { resourceSubscriptions: uris = [] } = value;
  if (!Array.isArray(uris) || uris.length > MAX_RESOURCES || !uris.every((uri) => typeof uri === 'string')) return null;
  return { lists: new Set(LIST_KINDS.filter((kind) => value[FILTERS[kind]] === true)), uris: [...new Set(uris)] };
}

/** The part of a filter that this profile can deliver. */
function selectDeliverable({ lists, uris }: Filter, profile: CompiledProfile, isReadable: (uri: string) => boolean): Filter {
  const capabilities = describeCapabilities(profile);
  const { resources } = capabilities;
  const canWatch = isJsonObject(resources) && resources['subscribe'] === true;
  return {
    lists: new Set([...lists].filter((kind) => Object.hasOwn(capabilities, kind))),
    uris: canWatch ? uris.filter(isReadable) : [],
  };
}
