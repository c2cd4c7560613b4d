import * as z from 'zod';

/**
 * Header of the upgrade in which an agent names the newest protocol that it speaks. The hub speaks first, and an agent of protocol 1 sends no such header and
 * reads strictly: without the header it is challenged as it always was.
 */
export const PROTOCOL_HEADER = 'gatehouse-protocol';
/** Newest protocol of this version. Rises when a message changes in a way that an older peer cannot read. */
export const PROTOCOL_VERSION = 2;
/** Oldest protocol that both sides still speak. */
export const EARLIEST_PROTOCOL_VERSION = 1;

/** What two peers of protocol 2 may do beyond the common messages. Nothing of a feature is sent unless both have named it. */
export const Feature = z.enum([
  'parts',
  'revocations',
  'pruned-sessions',
  'list-age',
  'hidden-text',
  'busy',
  'manifest-back',
  'keyset',
  'observations',
  'call-limit',
  'changed-arguments',
  'left-out',
  'answer-unread',
  'upkeep',
]);
export type Feature = z.infer<typeof Feature>;
/** What this version's hub and agent can do. */
export const HUB_FEATURES: readonly Feature[] = Feature.options;
export const AGENT_FEATURES: readonly Feature[] = Feature.options;

/** Header of a request to enrol: the features of the agent, apart by spaces. Agents that came before it cannot follow a rotation of the signing key. */
export const FEATURES_HEADER = 'gatehouse-features';
/** First version of the agent that follows a rotation. */
export const KEYSET_SINCE = '0.2';

/** What a peer names; a name that is not known here is one of a newer version. */
export const FeatureNames = z.array(z.string().regex(/^[a-z][a-z-]{0,39}$/)).max(64);

/** The features that such a header names; none for any other header. */
export function readFeatures(header: string | string[] | undefined): string[] {
  return typeof header === 'string' ? (FeatureNames.safeParse(header.split(' ')).data ?? []) : [];
}

/** The protocol in which an agent is challenged whose upgrade had this header. */
export function chooseProtocol(header: string | string[] | undefined): number {
  const named = typeof header === 'string' && /^\d{1,4}$/.test(header) ? Number(header) : EARLIEST_PROTOCOL_VERSION;
  return Math.min(Math.max(named, EARLIEST_PROTOCOL_VERSION), PROTOCOL_VERSION);
}

/** What both peers can do. */
export function negotiateFeatures(own: readonly Feature[], named: readonly string[] = []): ReadonlySet<Feature> {
  return new Set(own.filter((feature) => named.includes(feature)));
}
