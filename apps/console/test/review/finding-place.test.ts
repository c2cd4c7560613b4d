import { expect, test } from 'vitest';

import { describePlace } from '../../src/features/review/finding/finding-place.ts';

test.each([
  ['/description', { words: 'in the description', name: null }],
  ['/inputSchema/properties/city/description', { words: 'in the description of argument', name: 'city' }],
  ['/inputSchema/properties/a~1b/enum/3', { words: 'in the list of values of argument', name: 'a/b' }],
  ['/inputSchema/properties/city', { words: 'in the name of argument', name: 'city' }],
  ['/outputSchema/properties/id/title', { words: 'in the title of result field', name: 'id' }],
  [
    '/inputSchema/properties/a/properties/b/description',
    { words: 'at', name: '/inputSchema/properties/a/properties/b/description' },
  ],
  ['/annotations/title', { words: 'at', name: '/annotations/title' }],
  ['/inputSchema/properties/a/__proto__', { words: 'at', name: '/inputSchema/properties/a/__proto__' }],
  ['/constructor', { words: 'at', name: '/constructor' }],
  ['', { words: 'at', name: '' }],
])('%s', (pointer, place) => {
  expect(describePlace(pointer)).toEqual(place);
});
