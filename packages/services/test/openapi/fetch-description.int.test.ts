import { expect, test } from 'vitest';

import { fetchDescription, type FetchOptions } from '../../src/openapi/fetch-description.ts';
import { startHttps } from '../support/https-server.ts';
import { expectRefused } from '../support/world.ts';

const LOOPBACK: FetchOptions = {
  isAllowed: (address) => address === '127.0.0.1',
  lookup: (_hostname, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
};

test('a description is read over https, through redirects that stay at its origin', async () => {
  const { url, ca, paths } = await startHttps((request, response) => {
    if (request.url === '/old') response.writeHead(301, { location: '/openapi.json' }).end();
    else response.end('{"openapi":"3.1.0"}');
  });
  expect(await fetchDescription(`${url}/old`, { ...LOOPBACK, ca })).toBe('{"openapi":"3.1.0"}');
  expect(paths).toEqual(['/old', '/openapi.json']);
  const untrusted = await expectRefused('unavailable', fetchDescription(`${url}/old`, LOOPBACK));
  expect(untrusted.message).toContain('certificate is not trusted');
});

test('T-54: what is not on the public internet is never dialled', async () => {
  const forms = [
    'https://127.0.0.1/openapi.json',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://10.0.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://0.0.0.0/',
  ];
  for (const form of forms) {
    const error = await expectRefused('invalid', fetchDescription(form));
    expect(error.message, form).toContain('not on the public internet');
  }
  for (const form of ['http://api.example/', 'file:///etc/passwd', 'ftp://api.example/', 'javascript:1', 'openapi.json', '']) {
    expect((await expectRefused('invalid', fetchDescription(form))).message, form).toContain('https only');
  }
  expect((await expectRefused('invalid', fetchDescription('https://user:pass@api.example/'))).message).not.toContain('pass@');
});

test('T-54: one address that is not public spoils a name, and the address that was checked is the one that is dialled', async () => {
  const { url, ca, paths } = await startHttps((_request, response) => void response.end('{}'));
  const answers = [['93.184.216.34', '10.0.0.1'], ['127.0.0.1'], ['::1', '93.184.216.34']];
  for (const addresses of answers) {
    const lookup: FetchOptions['lookup'] = (_hostname, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    await expectRefused('invalid', fetchDescription(url, { lookup, ca }));
  }
  // the second answer would lead elsewhere, but a name is asked for once per connection
  let asked = 0;
  const rebinding: FetchOptions['lookup'] = (_hostname, callback) => {
    asked += 1;
    callback(null, [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.9', family: 4 }]);
  };
  expect(await fetchDescription(url, { ...LOOPBACK, lookup: rebinding, ca })).toBe('{}');
  expect([asked, paths]).toEqual([1, ['/']]);
});

test('T-54: a redirect to another origin or without end is not followed', async () => {
  const { url, ca, paths } = await startHttps((request, response) => {
    const location = request.url === '/away' ? 'https://127.0.0.1/' : `/loop${paths.length}`;
    response.writeHead(302, { location }).end();
  });
  expect((await expectRefused('invalid', fetchDescription(`${url}/away`, { ...LOOPBACK, ca }))).message).toContain(
    'another origin',
  );
  expect((await expectRefused('invalid', fetchDescription(`${url}/loop`, { ...LOOPBACK, ca }))).message).toContain('without end');
  expect(paths).toHaveLength(7);
});

test('T-57: a description without end, a slow one and an error end with a sentence', async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  const { url, ca } = await startHttps((request, response) => {
    if (request.url === '/missing') response.writeHead(404).end('secret page');
    if (request.url !== '/endless') return;
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  const read = (path: string, timeoutMs = 30_000) => fetchDescription(url + path, { ...LOOPBACK, ca, timeoutMs });
  expect((await expectRefused('invalid', read('/endless'))).message).toContain('20 MB');
  expect((await expectRefused('unavailable', read('/silent', 200))).message).toContain('too long');
  const missing = await expectRefused('unavailable', read('/missing'));
  expect(missing.message).toContain('HTTP 404');
  expect(missing.message).not.toContain('secret');
});
