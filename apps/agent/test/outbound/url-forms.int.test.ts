import { expect, onTestFinished, test } from 'vitest';

import type { Lookup } from '@gatehouse/network/lookup';

import { OutboundRefused } from '../../src/outbound/address-policy.ts';
import { openOutbound } from '../../src/outbound/outbound.ts';

/** Names of a test's own; the ones of 127.0.0.1.nip.io and their like are resolved by whoever owns them, to whatever they want. */
const lookup: Lookup = (hostname, callback) => {
  const addresses = PRIVATE_NAMES.includes(hostname) ? ['127.0.0.1'] : ['8.8.8.8'];
  callback(
    null,
    addresses.map((address) => ({ address, family: 4 })),
  );
};

const PRIVATE_NAMES = [
  'localhost',
  'localhost.',
  'private.test',
  'xn--prvate-4va.test',
  '127.0.0.1.nip.test',
  'metadata.google.internal',
];

const splitWords = (text: string) => text.trim().split(/\s+/);

/** Ways to write an address that is not public, or a way that is none. */
const FORMS = {
  'loopback in decimal, hexadecimal, octal and short': splitWords(`
    https://127.0.0.1/ https://127.0.0.1:443/ https://127.0.0.1:8443/ https://127.1/ https://127.0.1/ https://127.255.255.255/
    https://2130706433/ https://2130706434/ https://0x7f000001/ https://0X7F000001/ https://0x7f.1/ https://0x7f.0.0.1/
    https://0x7f.0x0.0x0.0x1/ https://0177.0.0.1/ https://0177.1/ https://017700000001/ https://00000177.0.0.1/
    https://0x00000000007f.1/ https://127.0x1/ https://127.0.0.01/ https://0/ https://0.0.0.0/ https://0x0/ https://00/`),
  'metadata services': splitWords(`
    https://169.254.169.254/ https://169.254.169.254/latest/meta-data https://2852039166/ https://0xa9fea9fe/ https://0xa9.0xfe.0xa9.0xfe/
    https://0251.0376.0251.0376/ https://169.254.43518/ https://169.16689662/ https://0xa9.254.0251.254/ https://100.100.100.200/
    https://168.63.129.16/ https://[fd00:ec2::254]/ https://169.254.170.2/ https://metadata.google.internal/`),
  'private, shared and reserved ranges': splitWords(`
    https://10.0.0.1/ https://10.255.255.255/ https://0xa.1/ https://012.0.0.1/ https://172.16.0.1/ https://172.31.255.254/
    https://192.168.0.1/ https://192.168.257/ https://3232235521/ https://0xc0a80001/ https://100.64.0.1/ https://100.127.255.255/
    https://198.18.0.1/ https://192.0.0.1/ https://192.0.2.1/ https://198.51.100.1/ https://203.0.113.1/ https://224.0.0.1/
    https://240.0.0.1/ https://255.255.255.255/ https://4294967295/ https://192.88.99.1/`),
  'IPv6: loopback, mapped, translated, tunnelled, local': splitWords(`
    https://[::1]/ https://[0:0:0:0:0:0:0:1]/ https://[0000:0000:0000:0000:0000:0000:0000:0001]/ https://[::]/ https://[::]:8443/
    https://[::127.0.0.1]/ https://[::7f00:1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0:0:0:0:ffff:7f00:0001]/
    https://[::ffff:a9fe:a9fe]/ https://[::ffff:169.254.169.254]/ https://[::ffff:10.0.0.1]/ https://[::ffff:8.8.8.8]/
    https://[::ffff:0:127.0.0.1]/ https://[64:ff9b::7f00:1]/ https://[64:ff9b::127.0.0.1]/ https://[64:ff9b::a9fe:a9fe]/
    https://[64:ff9b:1::1]/ https://[2002:7f00:1::]/ https://[2002:a9fe:a9fe::]/ https://[2002:0a00:0001::1]/ https://[2001::1]/
    https://[2001:0:7f00:1::]/ https://[fe80::1]/ https://[fe80::1%25eth0]/ https://[fe80::1%eth0]/ https://[febf::1]/
    https://[fec0::1]/ https://[feff::1]/ https://[fc00::1]/ https://[fdff::1]/ https://[ff02::1]/ https://[2001:db8::1]/
    https://[100::1]/ https://[3fff::1]/ https://[5f00::1]/`),
  'dots, other scripts and escapes': splitWords(`
    https://127.0.0.1./ https://127.1./ https://2130706433./ https://localhost/ https://localhost./ https://LOCALHOST/
    https://127。0。0。1/ https://127．0．0．1/ https://127｡0｡0｡1/ https://１２７.0.0.1/ https://①②⑦.⓪.⓪.①/ https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/
    https://%31%32%37.0.0.1/ https://127%2e0%2e0%2e1/ https://l%6fcalhost/ https://loc\u00adalhost/ https://127.0.0.1\u200b/
    https://prívate.test/ https://xn--prvate-4va.test/ https://private.test/ https://127.0.0.1.nip.test/`),
  'users, separators and other schemes': splitWords(`
    https://example.com@127.0.0.1/ https://example.com:443@127.0.0.1/ https://user:word@example.com/ https://127.0.0.1@example.com/
    https://example.com%40127.0.0.1/ https://127.0.0.1#@example.com/ https://127.0.0.1?@example.com/ https://127.0.0.1\\@example.com/
    https:127.0.0.1/ https:/127.0.0.1/ https:\\\\127.0.0.1/ ///127.0.0.1/ http://127.0.0.1/ http://169.254.169.254/ http://example.com/
    http://8.8.8.8/ ftp://example.com/ file:///etc/passwd data:text/plain,x gopher://example.com/ ws://example.com/ javascript:1
    blob:https://example.com/x about:blank`),
};

test('the table holds what it promises', () => {
  const all = Object.values(FORMS).flat();
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(120);
});

test.each(Object.entries(FORMS))('T-54, T-55: %s', async (_kind, forms) => {
  const outbound = openOutbound({ http: { hosts: [], privateHosts: [] }, lookup });
  onTestFinished(() => outbound.close());
  for (const form of forms) {
    const url = URL.parse(form);
    if (!url) continue; // no URL at all: nothing could be asked for
    await expect(outbound.request(url, {}), form).rejects.toThrow(OutboundRefused);
    await expect(outbound.check(url), form).rejects.toThrow(OutboundRefused);
  }
});

test('what is public by name and by address is not refused', async () => {
  const outbound = openOutbound({ http: { hosts: [], privateHosts: [] }, lookup });
  onTestFinished(() => outbound.close());
  for (const form of [
    'https://example.com/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://example.com.:8443/x?y#z',
  ]) {
    await expect(outbound.check(new URL(form)), form).resolves.toBeUndefined();
  }
});
