import { expect, test } from 'vitest';
import * as z from 'zod';

import { readAllRows } from '@gatehouse/db/testing';
import { AgentMessage, type SentByAgent } from '@gatehouse/protocol/messages';
import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';
import { dialHub } from '@gatehouse/protocol/testing/fake-agent';
import { listFreeTexts, listPlanted } from '@gatehouse/protocol/testing/free-texts';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createServer } from '@gatehouse/services/server/create-server';

import { openHub } from './support/world.ts';

const { world, hub } = await openHub();

const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
const EMAIL = 'ida@leak.fi';
const TEXT = `10.1.2.3 said ${TOKEN} ${EMAIL}`;

const at = '2026-11-28T12:00:00.000Z';
const health = { state: 'unreachable' as const, error: TEXT, at, protocolVersion: EMAIL };
const part = { kind: 'tool' as const, name: TEXT, pointer: TEXT, keyword: TEXT, cause: 'secret' as const, reason: TEXT };
const leftOut = { parts: [part], more: 0 };
const offer = { protocolVersion: EMAIL, serverInfo: { name: TEXT, version: TEXT, title: TEXT }, entries: [], leftOut };
const refusal = { status: 'rejected' as const, nonce: null, appliedVersion: 0, appliedHash: null, rejectedVersion: 1 };
const logged = [{ pointer: '/note', value: TEXT, redacted: false }];
const content = [{ type: EMAIL, size: 1, mimeType: TEXT }];

test('T-28: what an agent writes into a free text, honest or not, is redacted before it is stored or logged', async () => {
  const workspace = await world.makeWorkspace();
  const ctx = await workspace.as('owner');
  const siteId = workspace.siteId;
  const transport = { kind: 'http' as const, url: 'https://10.1.2.3/mcp', credential: null };
  const addServer = (name: string) =>
    createServer({ ctx, input: { name, transport, purpose: 'Look up orders', siteIds: [siteId] } });
  const [{ id: serverId }, { id: otherId }] = [await addServer('Orders'), await addServer('Invoices')];
  const facts = { hostname: `vm-${TOKEN}`, platform: EMAIL, agentVersion: TOKEN };
  const enrolled = await workspace.enrol(hub, facts);
  const enrolment = await workspace.readAgent(enrolled.agentId);
  const identity = { ...enrolled.getIdentity(hub), features: ['parts', 'observations', 'left-out'] as const };
  const agent = await dialHub(hub.url, { protocol: 2 });
  await agent.authenticate(identity, facts);
  await agent.waitForFirst('welcome');

  const receipts = buildReceipts(1, {
    siteId,
    clientName: TEXT,
    clientVersion: TEXT.slice(0, 60),
    protocolVersion: EMAIL,
    arguments: { fields: [], logged, bytes: 1, truncated: false },
    result: { isError: false, content, structured: [], logged, bytes: 1, truncated: false },
  });
  const { agentId } = enrolled;
  const { id: failing } = await startDiscovery({ ctx, input: { serverId, agentId } });
  const { id: succeeding } = await startDiscovery({ ctx, input: { serverId: otherId, agentId } });
  const messages: SentByAgent[] = [
    {
      type: 'config-status',
      ...refusal,
      error: { code: 'guardrail', message: TEXT },
      withheld: [{ kind: 'server', id: serverId, code: 'credential', message: TEXT }],
    },
    { type: 'discovery-progress', discoveryId: failing, stage: 'connect', status: 'failed', at, detail: TEXT },
    { type: 'discovery-result', discoveryId: failing, outcome: { status: 'failed', code: 'unreachable', message: TEXT } },
    { type: 'discovery-result', discoveryId: succeeding, outcome: { status: 'succeeded', ...offer } },
    { type: 'definitions-observed', serverId, offer },
    { type: 'audit-batch', spoolId: receipts[0]?.spoolId ?? '', receipts },
    {
      type: 'heartbeat',
      clock: new Date().toISOString(),
      bufferedReceipts: 0,
      openSessions: 0,
      endpointUrl: 'http://127.0.0.1:7300',
      stdioEntries: ['files', TOKEN],
      servers: [{ serverId, ...health }],
    },
    { type: 'rejected', of: EMAIL, code: 'malformed', message: TEXT },
  ];
  for (const message of messages) agent.send(message);
  agent.sendText(JSON.stringify({ type: 'heartbeat', [TOKEN]: EMAIL }));
  await agent.waitForFirst('rejected', ({ of }) => of === 'heartbeat');

  const sent = [...messages, { type: 'authenticate', ...facts }].flatMap((message) =>
    listPlanted(message, message.type, [TOKEN, EMAIL]),
  );
  const free = AgentMessage.options.flatMap((option) =>
    listFreeTexts(z.toJSONSchema(option, { io: 'input', unrepresentable: 'any' }), option.shape.type.value),
  );
  expect(new Set(sent)).toEqual(new Set(free));

  expect(enrolment).toMatchObject({
    hostname: 'vm-[redacted:token]',
    platform: '[redacted:email]',
    agentVersion: '[redacted:token]',
  });
  expect(await workspace.readAgent(enrolled.agentId)).toMatchObject({
    hostname: 'vm-[redacted:token]',
    rejectedReason: '10.1.2.3 said [redacted:token] [redacted:email]',
    withheld: [{ message: '10.1.2.3 said [redacted:token] [redacted:email]' }],
    stdioEntries: ['files'],
    serverHealth: [{ error: '10.1.2.3 said [redacted:token] [redacted:email]' }],
  });
  expect(await workspace.countReceipts(), 'what is chained is stored').toBe(1);
  const owner = await world.database.connectOwner();
  const rows = await readAllRows(async (sql) => (await owner.query(sql)).rows);
  const found = [...rows, ...world.logged].filter((text) => text.includes(TOKEN) || text.includes(EMAIL));
  expect(found).toEqual([]);
  expect(world.logged.join('')).toContain('agent refused a message');
  await agent.close();
});
