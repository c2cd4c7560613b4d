import { expect, test } from 'vitest';

import { LimitsForm, toLimitsForm, toServerLimits } from '../../src/features/server/limits-form.ts';

test.each([
  {},
  { startMs: 300_000 },
  { answerMs: 1_500, totalMs: 60_000 },
  { silenceMs: 100, tools: [{ name: 'create_order', answerMs: 900_000, totalMs: 3_600_000 }] },
])('%j is shown in seconds and comes back as it was', (limits) => {
  expect(toServerLimits(LimitsForm.parse(toLimitsForm(limits)))).toEqual(limits);
});

test('a comma is a point, blanks are nothing, and an empty field is the default', () => {
  const form = { ...toLimitsForm({}), answer: ' 1,5 ', total: '  ' };
  expect(toServerLimits(LimitsForm.parse(form))).toEqual({ answerMs: 1_500 });
});

test.each(['0', '-1', 'soon', '0.01', '1e9', '3601'])('%s is refused at its field, with what may stand there', (answer) => {
  const { error } = LimitsForm.safeParse({ ...toLimitsForm({}), answer });
  expect(error?.issues).toMatchObject([{ path: ['answer'], message: 'Seconds, from 100 ms to 3600 s. Empty: the default.' }]);
});
