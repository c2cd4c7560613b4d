import { expect, test } from 'vitest';

import { toPinnedKey } from '../../src/snapshot/offered-entries.ts';
import { replaceTexts } from '../../src/snapshot/other-words.ts';

const makeText = (pin: string, name = 'find') => ({ serverId: 's', kind: 'tool' as const, name, pin });

test('the text that is served stands in the place of another, once for each entry of a profile, and nowhere else', () => {
  const replaced = new Map([makeText('old'), makeText('older')].map((each) => [toPinnedKey(each), 'now']));
  const listPins = (...pins: string[]) => replaceTexts([...pins.map((pin) => makeText(pin)), makeText('old', 'list')], replaced);
  expect(listPins('old')).toEqual([makeText('now'), makeText('old', 'list')]);
  // published with the texts of several sites: agents refuse a tool that is there twice
  expect(listPins('old', 'older')).toEqual([makeText('now'), makeText('older'), makeText('old', 'list')]);
  expect(listPins('old', 'now')).toEqual([makeText('old'), makeText('now'), makeText('old', 'list')]);
  expect(listPins('other')).toEqual([makeText('other'), makeText('old', 'list')]);
  expect(replaceTexts([makeText('old')], new Map())).toEqual([makeText('old')]);
});
