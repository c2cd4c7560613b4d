import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import { buildAgent, NODE_FLAGS } from '@gatehouse/agent/build.ts';
import type { Snapshot } from '@gatehouse/policy/documents/snapshot';

import type { Endpoint } from '../client/caller.ts';
import { makeAgentHome } from './home.ts';
import { makeSite, type AuditMode } from './snapshot.ts';

/** A data directory with a site of 20 profiles in it. */
export interface Home {
  /** for the agent's process */
  environment: Record<string, string>;
  /** where and how the agent is called with key number n, which opens profile n modulo 20 */
  getEndpoint(keyNumber: number): Endpoint;
}

export interface HomePlan {
  /** an empty folder, or none yet */
  folder: string;
  upstreamUrl: string;
  audit: AuditMode;
  /** one for each profile unless said otherwise */
  keyCount?: number;
}

/** A bundle of the agent, and what makes the data directory that it reads, in the form of its own tree. */
export interface Build {
  /** the bundle's path */
  bundle: string;
  nodeFlags: readonly string[];
  makeHome(plan: HomePlan): Promise<Home>;
}

/** This tree with a bundle that exists, or with one that is built to `outfile`. */
export async function openBuild(bundle: string | null, outfile: string): Promise<Build> {
  if (bundle === null) await buildAgent(outfile);
  return { bundle: bundle ?? outfile, nodeFlags: NODE_FLAGS, makeHome: (plan) => makeHome({ makeSite, makeAgentHome }, plan) };
}

const makeFunctionSchema = <T>() => z.custom<T>((value) => typeof value === 'function', 'is not a function there');
const AgentModule = z.object({ buildAgent: makeFunctionSchema<typeof buildAgent>(), NODE_FLAGS: z.array(z.string()) });
const SiteModule = z.object({ makeSite: makeFunctionSchema<typeof makeSite>() });
const HomeModule = z.object({ makeAgentHome: makeFunctionSchema<typeof makeAgentHome>() });

/** What the upstream offers, in the tree of any commit. */
const MESSAGES = 'apps/bench/src/upstream/messages.ts';

/**
 * Builds the agent of another checkout, whose packages are installed, to `outfile`; nothing is written there. Its data directory is written by
 * its own code, but of the definitions that this tree's upstream serves: an agent calls no tool whose definition is another than the approved one.
 */
export async function openCheckout(checkout: string, outfile: string): Promise<Build> {
  const getUrl = (path: string) => pathToFileURL(join(checkout, path)).href;
  const load = (path: string): Promise<unknown> => import(getUrl(path));
  const [theirs, ours] = [getUrl(MESSAGES), new URL('../upstream/messages.ts', import.meta.url).href];
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      return resolved.url === theirs ? { ...resolved, url: ours } : resolved;
    },
  });
  const agent = AgentModule.parse(await load('apps/agent/build.ts'));
  const makers = {
    ...SiteModule.parse(await load('apps/bench/src/agent/snapshot.ts')),
    ...HomeModule.parse(await load('apps/bench/src/agent/home.ts')),
  };
  hooks.deregister();
  await agent.buildAgent(outfile);
  return { bundle: outfile, nodeFlags: agent.NODE_FLAGS, makeHome: (plan) => makeHome(makers, plan) };
}

/** Of one tree, which makes the snapshot as its agent reads it. Their signatures are what trees that are compared have to share. */
interface Makers {
  makeSite: typeof makeSite;
  makeAgentHome: typeof makeAgentHome;
}

async function makeHome(makers: Makers, { folder, upstreamUrl, audit, keyCount }: HomePlan): Promise<Home> {
  const site = makers.makeSite(upstreamUrl, audit, keyCount);
  const { url, environment } = await makers.makeAgentHome(folder, site, upstreamUrl);
  return {
    environment,
    getEndpoint: (keyNumber) => ({
      url: url + findProfilePath(site.snapshot, keyNumber),
      headers: { authorization: `Bearer ${site.secrets[keyNumber] ?? ''}` },
    }),
  };
}

/** Read off the snapshot, whose form both trees know: their helpers may have other names. */
function findProfilePath({ content }: Snapshot, keyNumber: number): string {
  const profileId = content.clientKeys[keyNumber]?.profileId;
  const profile = content.profiles.find(({ id }) => id === profileId);
  if (!profile) throw new Error(`Key number ${keyNumber} opens no profile of the snapshot.`);
  return `/p/${profile.slug}/mcp`;
}
