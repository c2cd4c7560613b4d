import { expect, test } from 'vitest';

import { EndpointUrl } from '../src/endpoint-url.ts';

test.each([
  ['http://127.0.0.1:7300', 'http://127.0.0.1:7300'],
  ['https://Agent.Corp.example/', 'https://agent.corp.example'],
  ['https://agent.example:443/gw//', 'https://agent.example/gw'],
  ['http://[::1]:7300/a_b~c.d-e', 'http://[::1]:7300/a_b~c.d-e'],
])('%s is one', (text, normal) => {
  expect(EndpointUrl.parse(text)).toBe(normal);
});

test.each([
  '',
  'agent.example',
  'ftp://agent.example',
  'javascript://agent.example/%0aalert(1)',
  'file:///etc/passwd',
  'https://user@agent.example',
  'https://user:pw@agent.example',
  'https://@agent.example',
  'https://agent.example?x=1',
  'https://agent.example/?',
  'https://agent.example/#',
  'https://agent.example\\@evil.example',
  'http://$(id).example',
  'http://a`id`.example',
  "http://a';id;'.example",
  'http://a"b.example',
  'http://agent.example/$(touch pwned)',
  'http://agent.example/${env:TOKEN}',
  'http://agent.example/;id',
  'http://agent.example/&calc',
  'http://agent.example/%0aid',
  'http://agent.example/%PATH%',
  "http://agent.example/'",
  'http://agent.example/\nid',
  'http://agent.example/\u001b]52;c;aWQ=\u0007',
  'http://agent.example/\u202egnp',
  ' http://agent.example',
  'http://agent.example ',
  'http://ex\u0430mple.example/a b',
  `http://agent.example/${'a'.repeat(500)}`,
])('%j is none', (text) => {
  expect(EndpointUrl.safeParse(text).success).toBe(false);
});
