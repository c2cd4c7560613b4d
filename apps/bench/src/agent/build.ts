import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { buildAgent, NODE_FLAGS } from '@gatehouse/agent/build.ts';
import { z } from 'zod';

import { makeAgentHome } from './home.ts';
import { makeSite } from './snapshot.ts';

/** A bundle of the agent, with the code of its own tree that makes what it reads: the form of a data directory may differ between trees. */
export interface Build {
  /** the bundle's path */
  bundle: string;
  nodeFlags: readonly string[];
  makeSite: typeof makeSite;
  makeAgentHome: typeof makeAgentHome;
}

/** This tree with a bundle that exists, or with one that is built to `outfile`. */
export async function openBuild(bundle: string | null, outfile: string): Promise<Build> {
  if (bundle === null) await buildAgent(outfile);
  return { bundle: bundle ?? outfile, nodeFlags: NODE_FLAGS, makeSite, makeAgentHome };
}

const functionOf = <T>() => z.custom<T>((value) => typeof value === 'function', 'is not a function there');
const AgentModule = z.object({ buildAgent: functionOf<typeof buildAgent>(), NODE_FLAGS: z.array(z.string()) });
const SiteModule = z.object({ makeSite: functionOf<typeof makeSite>() });
const HomeModule = z.object({ makeAgentHome: functionOf<typeof makeAgentHome>() });

/** Builds the agent of another checkout, whose packages are installed, to `outfile`; nothing is written there. */
export async function openCheckout(checkout: string, outfile: string): Promise<Build> {
  const load = (path: string): Promise<unknown> => import(pathToFileURL(join(checkout, path)).href);
  const agent = AgentModule.parse(await load('apps/agent/build.ts'));
  const site = SiteModule.parse(await load('apps/bench/src/agent/snapshot.ts'));
  const home = HomeModule.parse(await load('apps/bench/src/agent/home.ts'));
  await agent.buildAgent(outfile);
  return { bundle: outfile, nodeFlags: agent.NODE_FLAGS, makeSite: site.makeSite, makeAgentHome: home.makeAgentHome };
}
