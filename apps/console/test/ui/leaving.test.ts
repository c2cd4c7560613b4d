import { expect, test, vi } from 'vitest';

import { findWayOut, guardLeaving, leaveBy } from '../../src/ui/form/leaving.ts';

const HERE = 'https://console.example/t/acme/servers/orders/edit?tab=a#name';
const CLICK = { button: 0, metaKey: false, ctrlKey: false, shiftKey: false, altKey: false, defaultPrevented: false };
const findWay = (href: string, click = {}, link = {}) =>
  findWayOut({ ...CLICK, ...click }, { href, target: '', isDownload: false, ...link }, HERE);

test('a link of the console leads away from what is typed', () => {
  expect(findWay('https://console.example/t/acme/servers?q=a#first')).toBe('/t/acme/servers?q=a#first');
  expect(findWay('/t/acme/servers', {}, { target: '_self' })).toBe('/t/acme/servers');
  expect(findWay('?tab=b')).toBe('/t/acme/servers/orders/edit?tab=b');
});

test('what leaves the page where it is, or is for another tab, is followed without a question', () => {
  expect(findWay('#purpose')).toBeNull();
  expect(findWay(HERE)).toBeNull();
  expect(findWay('https://elsewhere.example/')).toBeNull();
  expect(findWay('mailto:ada@acme.example')).toBeNull();
  for (const click of [{ button: 1 }, { metaKey: true }, { ctrlKey: true }, { shiftKey: true }, { defaultPrevented: true }]) {
    expect(findWay('/t/acme/servers', click)).toBeNull();
  }
  expect(findWay('/t/acme/servers', {}, { target: '_blank' })).toBeNull();
  expect(findWay('/t/acme/export', {}, { isDownload: true })).toBeNull();
});

test('only while something is guarded is there a question, and the form that came last asks', () => {
  const go = vi.fn<() => void>();
  leaveBy(go);
  expect(go).toHaveBeenCalledTimes(1);
  const asks = [vi.fn<(go: () => void) => void>(), vi.fn<(go: () => void) => void>()];
  const [releaseFirst, releaseSecond] = asks.map((ask) => guardLeaving(ask));
  leaveBy(go);
  expect(asks.map((ask) => ask.mock.calls.length)).toEqual([0, 1]);
  releaseSecond?.();
  leaveBy(go);
  expect(asks.map((ask) => ask.mock.calls.length)).toEqual([1, 1]);
  expect(go).toHaveBeenCalledTimes(1);
  releaseFirst?.();
  leaveBy(go);
  expect(go).toHaveBeenCalledTimes(2);
});
