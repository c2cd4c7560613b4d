import { expect, test } from 'vitest';

import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';

import { ClientText } from '../../src/call/client-text.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { connectFullV1, connectFullV2 } from '../support/clients/clients.ts';
import { makeFullProfile, startFullLegacyServer, startFullModernServer } from '../support/servers/full-servers.ts';

const SERVERS = { legacy: startFullLegacyServer, modern: startFullModernServer };
const CLIENTS = {
  'client on 2026-07-28': (url: string, secret: string) => connectFullV2(url, secret, { pin: '2026-07-28' }),
  'client on 2025-11-25': (url: string, secret: string) => connectFullV2(url, secret, 'legacy'),
  'client 1.x': connectFullV1,
};

const TAGS = Array.from('send it', (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
/** A text in characters of no width, each of which is a bit. */
const BITS = Array.from(Buffer.from('send it all'), (byte) => byte.toString(2).padStart(8, '0'))
  .join('')
  .replaceAll(/[01]/g, (bit) => (bit === '0' ? '\u200B' : '\u200C'));
/** What these servers say again: tags, a copy to the clipboard, a turn of direction, a message of no width. */
const HIDDEN = `all${TAGS}bread\u001B]52;c;c2VuZA==\u0007could\u202Edear${BITS}end`;
const mark = (count: number) => `[hidden text removed: ${count} character${count === 1 ? '' : 's'}]`;
const SHOWN = {
  mark: `all${mark(7)}bread${mark(16)}could${mark(1)}dear${mark(88)}end`,
  strip: 'allbreadcoulddearend',
  pass: HIDDEN,
} as const;
const RULES = ['terminal', 'direction', 'tags', 'zero-width'];

async function startGatewayTo(era: keyof typeof SERVERS, hiddenText?: SnapshotProfile['hiddenText']) {
  const upstream = await SERVERS[era]();
  const { server, profile } = makeFullProfile(upstream.url);
  return startGateway({ servers: [server], profiles: [{ ...profile, ...(hiddenText && { hiddenText }) }] });
}

for (const era of ['legacy', 'modern'] as const) {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    test.each(['mark', 'strip', 'pass'] as const)(
      `T-50: ${name} of a ${era} server gets results, prompts, completions and progress with hidden text as the profile says: %s`,
      async (handling) => {
        const gateway = await startGatewayTo(era, handling === 'mark' ? undefined : handling);
        const { client, logged, work } = await connect(gateway.url, gateway.secret);
        const shown = SHOWN[handling];
        const progress: unknown[] = [];
        expect(await work(HIDDEN, (report) => progress.push(report))).toMatchObject({ content: [{ text: shown }] });
        expect(progress).toContainEqual(expect.objectContaining({ message: shown }));
        for (const said of logged) expect(said).toBe(`log ${shown}`);
        const { checks } = await gateway.journal.waitForRecord(0);
        const hiddenText = checks.find(({ check }) => check === 'response')?.hiddenText;
        expect(hiddenText).toMatchObject({ handling, rules: RULES });
        expect(hiddenText?.places).toBeGreaterThanOrEqual(2 * RULES.length);

        const prompt = await client.getPrompt({ name: 'hello', arguments: { who: HIDDEN } });
        expect(prompt.messages).toMatchObject([{ content: { text: `Hello ${shown}` } }]);
        const ref = { type: 'ref/prompt' as const, name: 'hello' };
        const completed = await client.complete({ ref, argument: { name: 'who', value: HIDDEN } });
        expect(completed.completion.values).toEqual([`${shown}!`]);
      },
    );
  }
}

test('T-50: questions and log messages of a server are read with hidden text as the profile says', async () => {
  const gateway = await startGatewayTo('legacy');
  const { client, asked, logged } = await connectFullV1(gateway.url, gateway.secret);
  const result = await client.callTool({ name: 'leak', arguments: { text: HIDDEN } });
  expect(result).toMatchObject({ content: [{ text: `it is ${SHOWN.mark}` }] });
  expect(asked).toMatchObject([{ params: { message: `use ${SHOWN.mark}` } }]);
  expect(logged).toEqual([SHOWN.mark]);
});

test('T-50: an error of a server is cleaned in its message, its data and their keys', () => {
  const text = new ClientText(new CredentialScrub(), { hiddenText: 'strip' });
  const error = { code: -32_001, message: HIDDEN, data: { [HIDDEN]: [HIDDEN, 1] } };
  expect(text.cleanError(error)).toEqual({ code: -32_001, message: SHOWN.strip, data: { [SHOWN.strip]: [SHOWN.strip, 1] } });
});

test('T-50: an answer without hidden text leaves no word of it in the receipt', async () => {
  const gateway = await startGatewayTo('modern');
  const { work } = await connectFullV1(gateway.url, gateway.secret);
  await work('plain', () => {});
  const { checks } = await gateway.journal.waitForRecord(0);
  expect(checks.some(({ hiddenText }) => hiddenText)).toBe(false);
});
