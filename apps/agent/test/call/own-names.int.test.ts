import { expect, test } from 'vitest';

import { suggestFreeName } from '@gatehouse/policy/compile/suggested-name';
import { makeProfile, makePrompt, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1, postModern } from '../support/clients/clients.ts';
import { startHttpOffer } from '../support/servers/offer.ts';

/** As servers in the wild call their tools, and some that nobody does. */
const NAMES = ['plain', 'with.dot', 'issues/list', 'repo:get', 'get user', 'suche_größe', '查询', 'a@b', 'ns::call'].concat([
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'a_b',
  "'; drop table",
  'line\nbreak',
  'turned\u202Eround',
  'x'.repeat(128),
]);
const INPUT = { type: 'object' as const };

for (const era of ['legacy', 'modern'] as const) {
  test(`whatever a ${era} server calls its tools and prompts, clients of both eras get names that they take and reach each by it`, async () => {
    const offered = { tools: NAMES.map((name) => ({ name, inputSchema: INPUT })), prompts: NAMES.map((name) => ({ name })) };
    const offer = await startHttpOffer(era, { ...offered, resources: [], resourceTemplates: [] });
    const asked: string[] = [];
    offer.overrides.set('tools/call', (reply, { name }) => {
      asked.push(String(name));
      reply({ result: { resultType: 'complete', content: [{ type: 'text', text: `number ${NAMES.indexOf(String(name))}` }] } });
    });
    offer.overrides.set('prompts/get', (reply, { name }) => {
      asked.push(String(name));
      reply({ result: { resultType: 'complete', messages: [] } });
    });
    const shown = new Map<string, string>();
    const taken = new Set(['plain', 'a_b', 'constructor', '__proto__']);
    for (const name of NAMES) shown.set(name, taken.has(name) ? name : suggestFreeName('tool', name, taken));
    const nameOf = (own: string) => shown.get(own) ?? '';
    const gateway = await startGateway({
      servers: [offer.server],
      profiles: [
        makeProfile([
          ...NAMES.map((name) => makeTool(offer.server, { name, inputSchema: INPUT }, { advertisedName: nameOf(name) })),
          ...NAMES.map((name) => makePrompt(offer.server, { name }, { advertisedName: nameOf(name) })),
        ]),
      ],
    });
    const client = await connectV1(gateway.url, gateway.secret);
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toHaveLength(NAMES.length);
    for (const name of listed) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    for (const [index, own] of NAMES.entries()) {
      expect(await client.callTool({ name: nameOf(own), arguments: {} })).toMatchObject({
        content: [{ text: `number ${index}` }],
      });
      await client.getPrompt({ name: nameOf(own) });
      const request = { method: 'tools/call', params: { name: nameOf(own), arguments: {} } };
      expect(await (await postModern(gateway.url, gateway.secret, request)).text()).toContain(`"number ${index}"`);
    }
    expect(asked).toEqual(NAMES.flatMap((own) => [own, own, own]));
    const records = await Promise.all(asked.map((_, index) => gateway.journal.waitForRecord(index)));
    expect(records.map(({ name, advertisedName }) => [name, advertisedName])).toEqual(asked.map((own) => [own, nameOf(own)]));
  });
}
