import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';

import type { ReferenceSite } from '../conformance/site.ts';
import { exercise, openLegacy, openModern, type ExercisedClient, type Target } from './exercise.ts';
import { expect, test } from './fixtures.ts';

const clients: Record<string, (target: Target) => Promise<ExercisedClient>> = {
  'SDK 1.32.2': (target) => openLegacy(target),
  'SDK 2.4.0, auto': (target) => openModern(target, 'auto'),
  'SDK 2.4.0, 2026-07-28 only': (target) => openModern(target, { pin: '2026-07-28' }),
};

async function run(open: (target: Target) => Promise<ExercisedClient>, target: Target) {
  return runOpened(await open(target));
}

async function runOpened(opened: ExercisedClient) {
  try {
    return await exercise(opened);
  } finally {
    await opened.client.close();
  }
}

for (const [name, open] of Object.entries(clients)) {
  for (const upstream of ['http', 'stdio'] as const) {
    test(`${name} gets through the agent what it gets directly, upstream over ${upstream}`, async ({ site }) => {
      const direct = await run(open, { mcpUrl: site.reference.url });
      // Without these the comparison could be one of two empty answers.
      expect(direct).toMatchObject({
        reported: [
          [0, 100],
          [50, 100],
          [100, 100],
        ],
        logs: { length: 3 },
      });
      expect(direct.asked).toEqual(expect.arrayContaining(['sampling/createMessage', 'elicitation/create', 'roots/list']));
      expect(Object.values(direct).filter((answer) => String(answer).startsWith('refused'))).toEqual([]);
      expect(await run(open, site.endpoints[upstream])).toEqual(direct);
    });
  }
}

/** Clients that only start programs, through `gatehouse-agent connect`. */
const bridged: Record<string, (site: ReferenceSite) => Promise<ExercisedClient>> = {
  'SDK 1.32.2': (site) => openLegacy(site.endpoints.http, new LegacyStdio(buildBridgeCommand(site))),
  'SDK 2.4.0, auto': (site) => openModern(site.endpoints.http, 'auto', new ModernStdio(buildBridgeCommand(site))),
};

function buildBridgeCommand({ agent, endpoints }: ReferenceSite) {
  const { mcpUrl, apiKey } = endpoints.http;
  const env = { PATH: process.env.PATH ?? '', GATEHOUSE_CLIENT_KEY: apiKey };
  return { command: process.execPath, args: [agent.bundle, 'connect', mcpUrl], env, stderr: 'ignore' as const };
}

for (const [name, open] of Object.entries(bridged)) {
  test(`${name} over stdio gets through the bridge what it gets directly`, async ({ site }) => {
    const direct = clients[name];
    if (!direct) throw new Error(`no direct client ${name}`);
    expect(await runOpened(await open(site))).toEqual(await run(direct, { mcpUrl: site.reference.url }));
  });
}
