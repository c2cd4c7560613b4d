import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Tool } from '@modelcontextprotocol/server';
import type { Page } from '@playwright/test';
import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { AgentProcess } from './agent-process.ts';
import { type ChangingServer, startChangingServer } from './changing-server.ts';
import { askConsole } from './console-api.ts';
import { expect } from './fixtures.ts';
import type { Stack } from './stack.ts';

const Made = z.object({ id: z.string() });

export interface OwnSite {
  agent: AgentProcess;
  agentId: string;
  upstream: ChangingServer;
  serverId: string;
  /** of what the server offered first */
  reviewId: string;
  profileId: string;
}

export interface OwnSiteInput {
  /** its agent is `SLUG-01` */
  site: { slug: string; name: string };
  server: { name: string; purpose: string; tools: Tool[] };
  profile: string;
}

/** A site of its own with one agent, one server that was looked at and can change, and a profile with nothing in it. `page`: an admin's. */
export async function openSite(page: Page, stack: Stack, { site: at, server, profile }: OwnSiteInput): Promise<OwnSite> {
  const upstream = await startChangingServer(server.tools);
  const ask = <T>(procedure: string, input: object, schema: z.ZodType<T>, type?: 'query' | 'mutation') =>
    askConsole(page, stack, procedure, input, schema, type);
  const site = await ask('site.create', at, Made);
  const agentName = `${at.slug}-01`;
  const { token } = await ask('joinToken.create', { siteId: site.id, agentName }, z.object({ token: z.string() }));
  const agent = new AgentProcess(stack, await findFreePort());
  const guardrails = join(agent.dataDir, 'guardrails.yaml');
  writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: [upstream.host] } }));
  chmodSync(guardrails, 0o444);
  expect(await agent.start(token, { GATEHOUSE_GUARDRAILS_FILE: guardrails }), agent.output).toBe(true);
  const [row] = await stack.query<{ id: string }>(`select id from agent where name = $1`, [agentName]);
  const agentId = row?.id ?? '';

  const { name, purpose } = server;
  const transport = { kind: 'http', url: upstream.url };
  const { id: serverId } = await ask('server.create', { name, transport, purpose, siteIds: [site.id] }, Made);
  const discovery = await ask('discovery.start', { serverId, agentId }, Made);
  const Found = z.object({ status: z.string(), openReviewId: z.string().nullable() });
  const look = () => ask('discovery.get', { discoveryId: discovery.id }, Found, 'query');
  await expect.poll(async () => (await look()).status).toBe('succeeded');
  const { openReviewId } = await look();
  const { id: profileId } = await ask('profile.create', { name: profile, siteIds: [site.id] }, Made);
  return { agent, agentId, upstream, serverId, reviewId: openReviewId ?? '', profileId };
}

/** Approves these tools of the site's server as reading. `page`: a reviewer's. */
export async function approveTools(page: Page, stack: Stack, { reviewId }: OwnSite, names: readonly string[]): Promise<void> {
  const decisions = names.map((name) => ({ kind: 'tool', name, verdict: 'approved', risk: 'read' }));
  await askConsole(page, stack, 'review.decide', { reviewId, decisions }, z.unknown());
}

/** Puts these tools of the site's server into its profile, and publishes it. `page`: an admin's. */
export async function publishTools(page: Page, stack: Stack, site: OwnSite, names: readonly string[]): Promise<void> {
  const { profileId, serverId } = site;
  const draft = { entries: names.map((name) => ({ kind: 'tool', serverId, name })) };
  await askConsole(page, stack, 'profile.saveDraft', { profileId, draft }, z.unknown());
  await askConsole(page, stack, 'profile.publish', { profileId }, z.unknown());
}
