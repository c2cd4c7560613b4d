import { isLoopback } from '@gatehouse/network/hostname';

import type { ProcessEnvironments } from './environment.ts';
import { fail, type Finding, note, pass } from './finding.ts';

/** Whether what the processes are told of addresses is one story. */
export function checkAddresses(environments: ProcessEnvironments): Finding[] {
  const { console: page } = environments;
  return [
    ...checkHubUrls(environments),
    ...(page ? checkConsoleUrl(new URL(page.NEXTAUTH_URL), page.GATEHOUSE_TRUSTED_PROXIES) : []),
  ];
}

function checkHubUrls({ console: page, hub, worker }: ProcessEnvironments): Finding[] {
  const told = [
    { name: 'console', url: page?.GATEHOUSE_HUB_PUBLIC_URL },
    { name: 'hub', url: hub?.GATEHOUSE_HUB_PUBLIC_URL },
    { name: 'worker', url: worker?.GATEHOUSE_HUB_PUBLIC_URL },
  ].flatMap(({ name, url }) => (url === undefined ? [] : [{ name, url: new URL(url) }]));
  const [first] = told;
  if (!first) return [];
  const others = told.filter(({ url }) => url.href !== first.url.href);
  if (others.length > 0) {
    const list = told.map(({ name, url }) => `${name} ${url.href}`).join(', ');
    return [fail('addresses', `GATEHOUSE_HUB_PUBLIC_URL has to be the same for all three: ${list}`)];
  }
  const { protocol, hostname, pathname, search } = first.url;
  return [
    protocol === 'wss:' || isLoopback(hostname)
      ? pass('addresses', `agents reach the hub at ${first.url.href}`)
      : fail('addresses', 'GATEHOUSE_HUB_PUBLIC_URL must begin with wss://: agents take ws:// on loopback only'),
    ...(pathname === '/' && search === ''
      ? []
      : [fail('addresses', 'GATEHOUSE_HUB_PUBLIC_URL must be an address without a path')]),
  ];
}

function checkConsoleUrl(url: URL, proxies: number): Finding[] {
  const isNear = isLoopback(url.hostname);
  return [
    url.protocol === 'https:' || isNear
      ? pass('addresses', `people reach the console at ${url.origin}`)
      : fail('addresses', 'NEXTAUTH_URL must begin with https://: sessions are not sent in the clear'),
    ...(url.pathname === '/' && url.search === '' ? [] : [fail('addresses', 'NEXTAUTH_URL must be an address without a path')]),
    ...(url.protocol === 'https:' && proxies === 0
      ? [
          note(
            'addresses',
            'TLS ends before the console, but GATEHOUSE_TRUSTED_PROXIES is 0: limits count everybody as one caller',
          ),
        ]
      : []),
  ];
}
