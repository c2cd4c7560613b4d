import { expect, test } from 'vitest';

import type { Risk } from '@gatehouse/policy/documents/definition';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { Recording } from '@gatehouse/protocol/testing/recording';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../support/clients/clients.ts';
import { startHttpOffer } from '../support/servers/offer.ts';
import { ECHO } from '../support/servers/upstreams.ts';

const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

/** What a server says of itself so that its tool is called without a question. */
const HARMLESS = { title: 'Echo', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const CLAIMING = { ...ECHO, annotations: HARMLESS };

/** A profile with the tool that claims to be harmless, and a way to decide on it. */
async function startClaiming(era: 'legacy' | 'modern', risk: Risk) {
  const { server, guardrails } = await startHttpOffer(era, {
    tools: [CLAIMING],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  });
  const profile = makeProfile([]);
  const decided = (as: Risk) => ({ profiles: [{ ...profile, entries: [makeTool(server, CLAIMING, { risk: as })] }] });
  const gateway = await startGateway({ servers: [server], ...decided(risk), guardrails });
  return { ...gateway, decide: (as: Risk) => gateway.publish(decided(as)) };
}

for (const [name, connect] of Object.entries(CLIENTS))
  for (const era of ['legacy', 'modern'] as const)
    test(`T-50: ${name} is told what people decided, not what a ${era} server says of its tool`, async () => {
      const { url, secret, decide } = await startClaiming(era, 'destructive');
      const client = await connect(url, secret);
      const [tool] = (await client.listTools()).tools;
      expect(tool?.annotations).toEqual({ title: 'Echo', readOnlyHint: false, destructiveHint: true });
      // the server still defines exactly what was approved, so the call reaches it
      const answer = await client.callTool({ name: ECHO.name, arguments: { text: 'x' } });
      expect(answer).toMatchObject({ content: [{ text: 'done' }] });

      decide('read');
      const later = await connect(url, secret);
      expect((await later.listTools()).tools[0]?.annotations).toEqual(HARMLESS);
    });

test('T-50: another decision on a tool is a change of the list', async () => {
  const { url, secret, decide } = await startClaiming('modern', 'read');
  const changes = new Recording<true>('change of the list');
  await connectV2(url, secret, 'legacy', () => changes.add(true));
  decide('destructive');
  await changes.waitForFirst();
});
