import { expect, test } from 'vitest';

import { ADVERSARIAL } from '@gatehouse/redaction/testing/adversarial';
import { countWork } from '@gatehouse/redaction/testing/count-work';

import { listHiddenText } from '../src/findings/definition-findings.ts';
import { mayHoldHiddenText, removeHiddenText } from '../src/findings/hidden-in-results.ts';
import { listLookAlikes } from '../src/findings/look-alike-names.ts';
import { findSuspectPhrases } from '../src/findings/suspect-phrases.ts';

/** With the characters looked at and steps of patterns for each character of a text: the most that any of these texts takes. */
const DETECTORS: [name: string, most: number, detect: (text: string) => unknown][] = [
  ['mayHoldHiddenText', 50, (text) => mayHoldHiddenText(JSON.stringify(text))],
  ['removeHiddenText', 100, (text) => removeHiddenText(text, 'mark')],
  ['listHiddenText', 400, (text) => listHiddenText({ description: text })],
  ['findSuspectPhrases', 1_500, findSuspectPhrases],
  ['listLookAlikes', 100, (text) => listLookAlikes([text, `${text}1`])],
];

/** Long enough for what is tried again at each character to show, short enough to be counted step by step. */
const LENGTH = 300;

test.each(DETECTORS)('T-57: four times the text is four times the work, whatever it is made of: %s', (_name, most, detect) => {
  const slow = Object.entries(ADVERSARIAL).flatMap(([text, write]) => {
    const [little = 0, much = 0] = [write(LENGTH), write(4 * LENGTH)].map(
      (written) => countWork(() => detect(written)) / written.length,
    );
    const isSlow = much > little * 1.4 + 10 || much > most;
    return isSlow ? [`${text}: ${little.toFixed(0)} for each character, then ${much.toFixed(0)}`] : [];
  });
  expect(slow).toEqual([]);
});
