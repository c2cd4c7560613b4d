import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createRedactor } from '../src/redact.ts';

const redactor = createRedactor({ secrets: [] });
const redact = (text: string) => redactor.redact(text).text;

/** Made of parts, so that this file holds nothing that looks like a live credential. */
const joinParts = (...parts: string[]) => parts.join('');
const letters = 'q7Wz2Lx9Rt4Vb6Nm1Kp8Jd3Hf5Gs0Yc';

test('what is known is kept where it stands alone, and a credential never', () => {
  const knowing = createRedactor({ secrets: ['hunter2hunter2'], known: ['10.0.0.1', 'hunter2hunter2'] });
  expect(knowing.redact('10.0.0.1:80 and 10.0.0.2:80 with hunter2hunter2').text).toBe(
    '10.0.0.1:80 and [redacted:ip]:80 with [redacted:credential]',
  );
  expect(knowing.redact('http://10.0.0.1:pass@10.0.0.1/').text).toBe('http://[redacted:url-credentials]@10.0.0.1/');
});

describe('credentials by their form', () => {
  test.each([
    ['GitHub', joinParts('ghp', '_', letters, 'aB3dE6')],
    ['GitHub, fine-grained', joinParts('github', '_pat_', '11ABCDEFG0', letters, '_', letters)],
    ['GitLab', joinParts('glpat', '-', letters.slice(0, 20))],
    ['Slack bot', joinParts('xoxb', '-123456789012-123456789012-', letters.slice(0, 24))],
    ['Stripe', joinParts('sk', '_live_', letters.slice(0, 24))],
    ['OpenAI', joinParts('sk', '-proj-', letters, letters)],
    ['Anthropic', joinParts('sk', '-ant-api03-', letters, letters, '-AA')],
    ['AWS key id', joinParts('AK', 'IA', 'Z7QX3RM2WVKPL9TD')],
    ['Google', joinParts('AI', 'za', 'Sy', letters, 'x')],
    ['npm', joinParts('npm', '_', letters, 'aB3d')],
    ['SendGrid', joinParts('SG', '.', letters.slice(0, 22), '.', letters, letters.slice(0, 11))],
    ['HashiCorp Vault', joinParts('hvs', '.', letters, letters)],
    ['Telegram', joinParts('712345678', ':AA', letters, 'x')],
    ['Mailchimp', joinParts('0123456789abcdef0123456789abcdef', '-us21')],
    ['Microsoft Entra', joinParts('aB1', '8Q~', letters, '.')],
    ['JSON Web Token', joinParts('ey', 'JhbGciOiJIUzI1NiJ9', '.ey', 'JzdWIiOiIxMjM0In0', '.', letters)],
    ['Gatehouse client key', joinParts('mcp', '_0123456789abcdef0123456789abcdef_', letters, letters.slice(0, 11))],
    ['Gatehouse join token', joinParts('agt', '_enroll_', letters, letters)],
    ['40 random characters of nobody in particular', joinParts(letters, 'Zq4Tn7Ux')],
    ['64 hexadecimal digits', 'a3f1'.repeat(4) + '09bd7c52e6184fa0c3d97b26e850f41d7a2c93be5806f1d4'],
  ])('%s: the whole token goes, wherever it stands', (_, token) => {
    for (const [before, after] of [
      ['', ''],
      ['use ', ' now'],
      ['{"a":"', '"}'],
      ['(', ').'],
      ['x=', '&y=1'],
      ['https://h.example/p/', '/q'],
    ]) {
      const text = redact(`${before}${token}${after}`);
      expect(text).not.toContain(token.slice(0, 16));
      expect(text).not.toContain(token.slice(-10));
    }
  });

  test('a private key goes with everything up to its end, escaped or not, also when it is cut off', () => {
    const begin = joinParts('-----BEGIN ', 'RSA PRIVATE KEY-----');
    const end = joinParts('-----END ', 'RSA PRIVATE KEY-----');
    expect(redact(`a ${begin}\nMIIEow\nIBAAKC\n${end} b`)).toBe('a [redacted:private-key] b');
    expect(redact(`{"k":"${begin}\\nMIIEow\\n${end}\\n"}`)).toBe('{"k":"[redacted:private-key]\\n"}');
    expect(redact(`${begin}\nMIIEow\nIBAAKC`)).toBe('[redacted:private-key]');
    expect(redact('-----BEGIN CERTIFICATE----- stays')).toBe('-----BEGIN CERTIFICATE----- stays');
  });

  test('user and password go from URLs, hosts and paths stay', () => {
    expect(redact('postgres://app:s3cr3t@db:5432/x')).toBe('postgres://[redacted:url-credentials]@db:5432/x');
    expect(redact('https://user:p@ss@host/a@b')).toBe('https://[redacted:url-credentials]@host/a@b');
    expect(redact('https://host/path?x=1#y')).toBe('https://host/path?x=1#y');
  });
});

describe('named secrets', () => {
  test.each([
    ['password=hunter2', 'hunter2'],
    ['"password": "hunter2, with \\" and more"', 'and more'],
    ['{\\"api_key\\":\\"plainword\\"}', 'plainword'],
    ['Authorization: Bearer plainword7', 'plainword7'],
    ['authorization: Basic cGxhaW46d29yZA==', 'cGxhaW46d29yZA'],
    ['curl -u robot:plainword https://h.example', 'plainword'],
    ['tool --client-secret plainword --verbose', 'plainword'],
    ['<clientSecret>plainword</clientSecret>', 'plainword'],
    ['Server=db;User Id=app;Password=plainword;', 'plainword'],
    ['https://h.example/?access_token=plainword&page=2', 'plainword'],
    ['AWS_SECRET_ACCESS_KEY = plainword', 'plainword'],
    ["'x-api-key': 'plainword'", 'plainword'],
    ['Set-Cookie: sid=plainword; Path=/', 'plainword'],
    ['client secret: plain-word-7', 'plain-word-7'],
  ])('%s', (text, value) => {
    expect(redact(text)).not.toContain(value);
    expect(redact(text)).toContain('[redacted:');
  });

  test.each([
    'max_tokens=4096',
    'keyboard: qwerty',
    'password: ${DB_PASSWORD}',
    '{"token": null}',
    'The token: a short story',
    'tokens: 12',
  ])('stays: %s', (text) => expect(redact(text)).toBe(text));
});

describe('personal data', () => {
  test.each([
    ['ada.lovelace+orders@mail.example.co.uk', '[redacted:email]'],
    ['käyttäjä@esimerkki.fi', '[redacted:email]'],
    ['4111111111111111', '[redacted:card]'],
    ['4111 1111 1111 1111', '[redacted:card]'],
    ['3782-822463-10005', '[redacted:card]'],
    ['FI21 1234 5600 0007 85', '[redacted:iban]'],
    ['DE89370400440532013000', '[redacted:iban]'],
    ['+358 40 123 4567', '[redacted:phone]'],
    ['(415) 555-0132', '[redacted:phone]'],
    ['040-123 4567', '[redacted:phone]'],
    ['192.168.10.1', '[redacted:ip]'],
    ['2001:db8::8a2e:370:7334', '[redacted:ip]'],
    ['::ffff:192.0.2.1', '[redacted:ip]'],
    ['00:1A:2B:3C:4D:5E', '[redacted:mac]'],
    ['219-09-9998', '[redacted:national-id]'],
    ['131052-308T', '[redacted:national-id]'],
  ])('%s', (value, mark) => {
    expect(redact(value)).toBe(mark);
    expect(redact(`see ${value}, please`)).toBe(`see ${mark}, please`);
    expect(redact(`{"field":"${value}"}`)).toBe(`{"field":"${mark}"}`);
  });

  test('numbers in a row are told apart', () => {
    expect(redact('+358 40 1234567 4111 1111 1111 1111')).toBe('[redacted:phone] [redacted:card]');
    expect(redact('4111111111111111 4111-1111-1111-1111 4111 1111 1111 1111')).toBe(
      '[redacted:card] [redacted:card] [redacted:card]',
    );
    expect(redact('+358 40 123 4567 +358 50 765 4321')).toBe('[redacted:phone] [redacted:phone]');
  });

  test.each([
    'order 8841 of 2026-11-21 10:54:54',
    'order number 20261121',
    'version 1.2.3, build 20261121.4',
    'EUR 1 234 567.89',
    '0.25 10.75 12.5',
    'Time 12:34:56, ratio 1:2:3:4, std::cout, Port 80:443',
    '4111 1111 1111 1112',
    '"received_at":1763721294026',
    'DE89370400440532013001',
    '666-12-3456',
    'https://example.com/orders/8841?status=open&sort=created_at',
    'src/features/profile/publish-button.tsx',
    'getCustomerOrderHistoryByAccount, X-Request-Correlation-Identifier',
    'the-quick-brown-fox-jumps-over-the-lazy-dog-2026',
  ])('stays: %s', (text) => expect(redact(text)).toBe(text));

  test('UUIDs are names, not numbers', () => {
    for (const id of ['00000000-0000-4000-8000-000000000001', '01234567-0123-4123-8123-012345678901'])
      expect(redact(`id ${id}`)).toBe(`id ${id}`);
    for (let round = 0; round < 2_000; round += 1) {
      const id = randomUUID();
      expect(redact(id)).toBe(id);
    }
  });
});

test('a text without anything to hide comes back as it was, and names no rule', () => {
  const words = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(fc.array(words, { maxLength: 200 }), (list) => {
      const text = list.join(' ');
      expect(redactor.redact(text)).toEqual({ text, rules: [] });
    }),
  );
  const long = 'a'.repeat(65_536);
  expect(redactor.redact(long)).toEqual({ text: long, rules: [] });
});

test('what was taken out is not touched by a second pass', () => {
  const known =
    `password= x1y2z3 "token":"abc" a@b.example 4111111111111111 ://u:p@h/ <secret> 192.168.0.1 ${letters} : = ] [redacted:
    FI2112345600000785`.split(/\s+/);
  const piece = fc.constantFrom(
    ...known,
    'Authorization: Bearer',
    '+358 40 1234567',
    '4111 1111 1111 1111',
    '-u me:you',
    '--token',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const once = redact(pieces.join(' '));
      expect(redact(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

test('never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.uint16Array({ maxLength: 400 }), (units) => {
      const text = String.fromCharCode(...units);
      expect(redactor.redact(text).rules).not.toContain('error');
    }),
    { numRuns: 200 },
  );
});

test('a detector that fails drops the whole text', () => {
  const failing = createRedactor({
    secrets: [],
    detectors: [
      () => {
        throw new RangeError('planted');
      },
    ],
  });
  expect(failing.redact('harmless')).toEqual({ text: '[redaction-error]', rules: ['error'] });
});

test.each<[string, string, string]>([
  ['in the query of a URL', 'GET /users?q=2&mail="ida.roe%40corp.fi" failed', 'GET /users?q=2&mail="[redacted:email]" failed'],
  ['in HTML', '<b>ida.roe&#64;corp.fi</b>', '<b>[redacted:email]</b>'],
  ['in JSON', '{\\"to\\":\\"ida.roe\\u0040corp.fi\\"}', '{\\"to\\":\\"[redacted:email]\\"}'],
  ['with what is not seen in between', `to ${Array.from('ida.roe@corp.fi').join('\u200B')}.`, 'to [redacted:email].'],
  ['with colours of a terminal in between', 'to ida\u001B[1m.roe@corp\u001B[0m.fi.', 'to [redacted:email].'],
  ['in full-width letters', 'to ｉｄａ＠ｃｏｒｐ．ｆｉ', 'to [redacted:email]'],
  ['in tag characters', `hi ${writeTags('ghp_a1B2c3D4e5a1B2c3D4e5a1B2c3D4e5a1B2c3')} there`, 'hi [redacted:token] there'],
])('T-28: personal data and tokens are found %s', (_, text, clean) => {
  expect(redact(text)).toBe(clean);
});

test('what stands in two lines, or in two folders, is not read as one thing', () => {
  const text = 'C:\\users\\u0041\\AppData\\Local7\\Temp9\\x41Q and 0401234\n567 and %41';
  expect(redact(text)).toBe(text);
});

function writeTags(text: string): string {
  return Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
}
