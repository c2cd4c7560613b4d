import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';
import { HUB_FEATURES } from '@gatehouse/protocol/features';
import { MOST_LEFT_OUT } from '@gatehouse/protocol/left-out';
import type { DiscoveryOutcome } from '@gatehouse/protocol/messages';

import { LeftOutList } from '../../src/discovery/left-out-list.ts';
import { describeLeftOut, listSome } from '../../src/discovery/left-out-words.ts';
import { limitToFrame } from '../../src/link/discovery-tasks.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { enrolAtFakeHub, SERVING, startCore } from '../support/agent/core.ts';

const PART = { kind: 'tool', name: 'pay', pointer: '/a', keyword: '$ref', cause: 'unsound', reason: 'it refers away' } as const;
const FOUND = {
  status: 'succeeded',
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'n', version: '1' },
  features: { logging: false, completions: false, resourceSubscriptions: false },
  entries: [],
  leftOut: { parts: [PART], more: 0 },
} as const satisfies DiscoveryOutcome;

test.each([
  ['that is told part by part', HUB_FEATURES, '1 tool', FOUND.leftOut],
  ['of before', HUB_FEATURES.filter((name) => name !== 'left-out'), '1 tool; left out pay: it refers away', undefined],
])('a hub %s is told what was left out, and no more than it can read', async (_, features, detail, leftOut) => {
  const { hub, path } = await enrolAtFakeHub({ features });
  await startCore(
    path,
    {},
    {
      ...SERVING,
      runDiscovery(_server, control) {
        control.onProgress({
          stage: 'list',
          status: 'passed',
          detail: '1 tool',
          inOneText: '1 tool; left out pay: it refers away',
        });
        return Promise.resolve(FOUND);
      },
    },
  );
  const connection = await hub.connections.waitForFirst();
  hub.sendDiscoveryOrder(connection, makeServer());
  expect(await connection.waitForFirst('discovery-progress')).toMatchObject({ stage: 'list', detail });
  const { outcome } = await connection.waitForFirst('discovery-result');
  expect(outcome.status === 'succeeded' && outcome.leftOut).toEqual(leftOut);
});

test('all is told up to a bound in number and in bytes, and how many more there are', () => {
  const reasons = (count: number, reason: string) => Array.from({ length: count }, () => ({ cause: 'unsound' as const, reason }));
  const many = new LeftOutList(new CredentialScrub());
  many.addDefinition('tool', { name: 'pay' }, reasons(MOST_LEFT_OUT + 30, 'no'));
  expect(many.get()).toMatchObject({ parts: { length: MOST_LEFT_OUT }, more: 30 });
  const large = new LeftOutList(new CredentialScrub());
  large.addDefinition('tool', { name: 'pay' }, reasons(20, 'x'.repeat(100_000)));
  expect(large.get()).toMatchObject({ parts: { length: 10 }, more: 10 });
});

test('T-28: neither a name nor a place leaves with a credential in it, and a name that is a secret does not leave', () => {
  const scrub = new CredentialScrub();
  scrub.add('tok-9f8e7d6c5b4a3f2e1d');
  const list = new LeftOutList(scrub);
  const pointer = '/inputSchema/properties/tok-9f8e7d6c5b4a3f2e1d';
  list.addDefinition('tool', { name: 'call_tok-9f8e7d6c5b4a3f2e1d' }, [{ cause: 'unsound', pointer, reason: 'no' }]);
  list.addDefinition('resource', { uri: 'db://a:b@c' }, [{ cause: 'secret', pointer: '/uri', reason: 'a secret' }]);
  list.addDefinition('resource', { uri: 'db://c' }, [{ cause: 'secret', pointer: '/description', reason: 'a secret' }]);
  const { parts } = list.get();
  expect(JSON.stringify(parts)).not.toContain('9f8e7d6c5b4a3f2e1d');
  expect(parts.map(({ name }) => name)).toEqual([null, null, 'db://c']);
});

test('what was left out never makes a result too large: it is only counted then', () => {
  const reason = 'x'.repeat(900);
  const leftOut = { parts: Array.from({ length: 2_000 }, () => ({ ...PART, reason })), more: 5 };
  expect(limitToFrame({ ...FOUND, leftOut })).toMatchObject({ status: 'succeeded', leftOut: { parts: [], more: 2_005 } });
  expect(limitToFrame(FOUND)).toEqual(FOUND);
});

test('in one text, names are few and the others counted', () => {
  expect(listSome(['a', 'b'])).toBe('a, b');
  const names = Array.from({ length: 60 }, (_, index) => `tool_${index}`);
  expect(listSome(names)).toMatch(/^tool_0, .* and \d+ more$/);
  expect(listSome(names).length).toBeLessThan(330);
  expect(listSome(['x'.repeat(500)])).toBe('1 of them');
  expect(describeLeftOut({ parts: [PART], more: 3 })).toEqual(['left out pay: it refers away (at /a)', 'left out 3 more']);
});
