import { expect, test } from 'vitest';

import { listPrivatePassages } from '../src/private-passages.ts';

const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
const RANDOM = 'q7Zt2LkP9xWv4RbN8mYc';
const KEY = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQ'.repeat(10)}\n-----END PRIVATE KEY-----`;
const wrap = (property: object, name = 'to') => ({
  name: 'send',
  inputSchema: { type: 'object', properties: { [name]: property } },
});

test.each<[string, object, string, string, boolean]>([
  ['an address in examples', wrap({ examples: ['jane.roe@corp.com'] }), '/inputSchema/properties/to/examples/0', 'email', false],
  ['one in a description', { description: 'Ask Jane (jane.roe@corp.fi).' }, '/description', 'email', false],
  ['one of a domain of the house', { text: 'Ask jane.roe@corp.local.' }, '/text', 'email', false],
  ['a telephone number', { text: 'On call: +358 40 771 2093' }, '/text', 'phone', false],
  ['one behind its word', { text: 'Tel. 040 771 2093' }, '/text', 'phone', false],
  ['a bank account', wrap({ default: 'FI49 5000 9420 0287 30' }), '/inputSchema/properties/to/default', 'iban', false],
  ['a card', { description: 'Charges 4532 0151 1283 0366.' }, '/description', 'card', false],
  ['a token', wrap({ default: TOKEN }), '/inputSchema/properties/to/default', 'token', true],
  ['a token as a key', wrap({}, TOKEN), `/inputSchema/properties/${TOKEN}`, 'token', true],
  ['a cloud key', { description: 'Uses AKIAQ3EG5X7LZ2B9CD4W.' }, '/description', 'token', true],
  ['a password in an address', { description: 'postgres://app:k3Vw9zT@db/x' }, '/description', 'url-credentials', true],
  ['a private key', { text: KEY }, '/text', 'private-key', true],
  [
    'what a secret field defaults to',
    wrap({ default: RANDOM }, 'apiKey'),
    '/inputSchema/properties/apiKey/default',
    'key-name',
    true,
  ],
  ['a token with what is not seen in between', { text: `${Array.from(TOKEN).join('\u200B')}` }, '/text', 'token', true],
  ['an address in a URL', { text: 'https://corp.fi/?to=jane.roe%40corp.fi' }, '/text', 'email', false],
  ['the same within a value', wrap({ default: { token: RANDOM } }), '/inputSchema/properties/to/default/token', 'key-name', true],
])('T-28: a definition holds %s', (_, definition, pointer, rule, isSecret) => {
  expect(listPrivatePassages(definition)).toEqual([{ pointer, rule, isSecret }]);
});

test.each([
  'e.g. user@example.com, jane.roe@example.org, ida@mail.example or root@host.test',
  'Your address, as you@company.com or firstname.lastname@company.com; john.doe@acme.com works, too.',
  'Clone git@github.com:org/repo.git, then npm i @scope/name@1.2.3. Questions: support@vendor.com',
  'From 192.0.2.1, 198.51.100.7, 203.0.113.9, 2001:db8::1, 10.0.0.0/8 or 127.0.0.1:8080',
  'Id such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301, made 2026-11-28T12:00:00.000Z or on 28.11.2026',
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 of the empty file',
  'Maximum number of bytes (1048576), default 10000000, 1700000000 in seconds; order number 40077129',
  'Phone in E.164 form, as +1 555 0100 or +12345678901. Call 100000 times at most.',
  'Card 4242 4242 4242 4242 or 4111111111111111; IBAN DE89 3704 0044 0532 0130 00',
  'Token like ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, sk-..., AKIAIOSFODNN7EXAMPLE, YOUR_API_KEY_GOES_HERE_PLEASE',
  'mcp_github_search_repositories_v2 and live_test_connection_string_3 are names; secret_manager_get_version_1, too',
  'postgres://user:password@localhost/db, https://<user>:<token>@host, https://user:${TOKEN}@host, https://a:b@api.example.com/',
  'password: the password of the user. token: string, required. api_key=YOUR_KEY',
  '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
  'Cursor of the page before, eyJvZmZzZXQiOjEwfQ==, opaque',
])('T-28: an example of its kind is nobody’s: %s', (text) => {
  expect(listPrivatePassages({ description: text })).toEqual([]);
  expect(listPrivatePassages(wrap({ default: text, enum: [text] }, 'query'))).toEqual([]);
});
