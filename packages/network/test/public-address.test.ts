import { expect, test } from 'vitest';

import { isPublicAddress } from '../src/public-address.ts';

const PUBLIC = `
  8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 168.63.129.17 2606:4700:4700::1111 2a00:1450:4001::1`;

const NOT_PUBLIC = `
  0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
  172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9
  224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe
  64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:808:808::
  fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ::ffff:0:7f00:1 3fff::1 5f00::1
  localhost 0x7f.1 2130706433 127.1 [::1] 1.2.3.4.5`;

const splitWords = (text: string) => text.trim().split(/\s+/);

test.each(splitWords(PUBLIC))('T-54: %s is public', (address) => expect(isPublicAddress(address)).toBe(true));

test.each(splitWords(NOT_PUBLIC))('T-54: %s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
