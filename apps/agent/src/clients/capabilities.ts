import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { getOfferedLists } from './lists.ts';

/** What a profile offers: the lists that it has, and the features that at least one of their servers has. */
export function describeCapabilities(profile: CompiledProfile): JsonObject {
  const { prompts, resources, templates } = profile;
  const offered = getOfferedLists(profile);
  const answering = [...prompts.values(), ...templates].map(({ server }) => server);
  const holding = [...resources.values(), ...templates].map(({ server }) => server);
  return {
    tools: { listChanged: true },
    ...(offered.has('prompts') && { prompts: { listChanged: true } }),
    ...(offered.has('resources') && {
      resources: { subscribe: holding.some(({ features }) => features.resourceSubscriptions), listChanged: true },
    }),
    ...(answering.some(({ features }) => features.completions) && { completions: {} }),
    ...(listServers(profile).some(({ features }) => features.logging) && { logging: {} }),
  };
}

/** Every server that something of the profile comes from, once. */
export function listServers({ tools, prompts, resources, templates }: CompiledProfile): SnapshotServer[] {
  const all = [...tools.values(), ...prompts.values(), ...resources.values(), ...templates].map(({ server }) => server);
  return [...new Map(all.map((server) => [server.id, server])).values()];
}

/** How the agent introduces itself for a profile. */
export function getServerInfo({ profile }: CompiledProfile, agentVersion: string): JsonObject {
  return { name: 'gatehouse', title: profile.name, version: agentVersion };
}
