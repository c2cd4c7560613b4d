import { expect, test } from 'vitest';

import { getMethodWords } from '../../src/features/receipt/methods.ts';

test('a refused request that is no call goes by its method, and one that was not read is unknown', () => {
  expect(getMethodWords('prompts/get')).toMatchObject({ word: 'Prompt', tried: 'asked for an unknown prompt' });
  expect(getMethodWords('tools/list')).toMatchObject({ word: 'Request', unknown: 'tools/list', tried: 'sent tools/list' });
  expect(getMethodWords(null)).toMatchObject({ word: 'Request', unknown: 'unknown request', tried: 'sent an unknown request' });
});
