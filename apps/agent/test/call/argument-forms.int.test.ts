import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../support/clients/clients.ts';
import { makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const SEARCH: ToolDefinition = {
  name: 'search',
  inputSchema: {
    type: 'object',
    properties: {
      q: { type: 'string' },
      since: { type: 'string' },
      limit: { type: 'integer', default: 10 },
      flag: { type: 'boolean' },
      list: { type: 'array', items: { type: 'string' } },
      space: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
    },
    required: ['q'],
  },
};

type Settings = Pick<SnapshotProfile, 'argumentForms' | 'undeclaredArguments'>;

/** An agent before a server that keeps what it is sent. */
async function startSearch(settings: Settings, change: Partial<Parameters<typeof makeTool>[2]> = {}) {
  const sent: unknown[] = [];
  const call = (_name: string, args: Record<string, unknown>) => {
    sent.push(args);
    return { content: [{ type: 'text' as const, text: 'ok' }] };
  };
  const upstream = await startModernUpstream({ tools: [SEARCH], call });
  const server = makeServerAt(upstream.url);
  const profile = { ...makeProfile([makeTool(server, SEARCH, change)]), ...settings };
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  return { gateway, sent };
}

const CLIENTS = {
  'client on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, 'auto'),
  'client 1.x': connectV1,
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`${name} sends null for optional arguments, numbers and booleans as text: the server gets what it takes, and the receipt says what was changed`, async () => {
    const { gateway, sent } = await startSearch({}, { logArguments: ['/limit'] });
    const client = await connect(gateway.url, gateway.secret);
    const search = (args: Record<string, unknown>) => client.callTool({ name: 'search', arguments: args });
    expect(await search({ q: '5', since: null, limit: '5', flag: 'true', space: null })).toMatchObject({
      content: [{ text: 'ok' }],
    });
    expect(sent).toEqual([{ q: '5', limit: 5, flag: true, space: null }]);
    const record = await gateway.journal.waitForRecord(0);
    // what is recorded and fingerprinted is what was judged and sent
    expect(record.arguments).toMatchObject({ value: sent[0], marked: ['/limit'] });
    expect(record.checks.find(({ check }) => check === 'arguments')).toEqual({
      check: 'arguments',
      result: 'pass',
      changedArguments: {
        named: [
          { path: '/since', rule: 'null_dropped' },
          { path: '/limit', rule: 'text_read' },
          { path: '/flag', rule: 'text_read' },
        ],
      },
    });

    expect(await search({ q: 'x', limit: 7 })).toMatchObject({ content: [{ text: 'ok' }] });
    expect((await gateway.journal.waitForRecord(1)).checks.find(({ check }) => check === 'arguments')).toEqual({
      check: 'arguments',
      result: 'pass',
    });
    const list = await search({ q: 'x', list: '["c4n4ry"]' });
    expect(list).toMatchObject({ isError: true, content: [{ text: '"list" must be an array; a string came.' }] });
    const foo = await search({ q: 'x', foo: 'c4n4ry' });
    expect(foo).toMatchObject({
      isError: true,
      content: [{ text: "This tool has no argument 'foo'; it takes q, since, limit, flag, list, space." }],
    });
    expect(sent).toHaveLength(2);
  });

  test(`${name} of a strict profile is told which argument has another form, and nothing is sent`, async () => {
    const { gateway, sent } = await startSearch({ argumentForms: 'strict' });
    const client = await connect(gateway.url, gateway.secret);
    for (const [args, text] of [
      [{ q: 'x', since: null }, '"since" must be a string; null came.'],
      [{ q: 'x', limit: '5' }, '"limit" must be an integer; a string came.'],
      [{ limit: 5 }, '"q" is required: a string is expected, nothing came.'],
    ] as const) {
      expect(await client.callTool({ name: 'search', arguments: args })).toMatchObject({ isError: true, content: [{ text }] });
    }
    expect(sent).toEqual([]);
  });

  test(`${name} of a profile that completes and passes on: JSON text is read, what the server takes beside is sent, what is pinned stays`, async () => {
    const rules = [{ kind: 'pin' as const, argument: '/space', value: 'acme' }];
    const { gateway, sent } = await startSearch({ argumentForms: 'complete', undeclaredArguments: 'pass' }, { arguments: rules });
    const client = await connect(gateway.url, gateway.secret);
    await client.callTool({ name: 'search', arguments: { q: 'x', list: '["a"]', foo: '5' } });
    expect(sent).toEqual([{ q: 'x', list: ['a'], foo: '5', space: 'acme' }]);
    expect((await gateway.journal.waitForRecord(0)).arguments?.value).toEqual({ q: 'x', list: ['a'], foo: '5' });
    for (const key of ['space', 'Space']) {
      const refused = await client.callTool({ name: 'search', arguments: { q: 'x', [key]: 'evil' } });
      expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining(`has no argument '${key}'`) }] });
    }
    expect(sent).toHaveLength(1);
  });
}
