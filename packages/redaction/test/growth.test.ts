import { expect, test } from 'vitest';

import { findPrivateKeys, findUrlCredentials } from '../src/detectors/blocks.ts';
import { findNamedSecrets } from '../src/detectors/key-names.ts';
import { findColonAddresses, findEmails, findLetteredNumbers, findNumbers } from '../src/detectors/personal-data.ts';
import { findTokens } from '../src/detectors/tokens.ts';
import { createSecretFinder } from '../src/held-secrets.ts';
import { listPrivatePassages } from '../src/private-passages.ts';
import { ADVERSARIAL } from '../src/testing/adversarial.ts';
import { countWork } from '../src/testing/count-work.ts';

const findHeld = createSecretFinder(['sk_live_51HxKQzs7pRbw9TfAm2Zc', 'Pä55-wörd/Ñandú+é9ø', `${'a'.repeat(300)}-`]);
const DETECTORS: Readonly<Record<string, (text: string) => unknown>> = {
  findPrivateKeys,
  findUrlCredentials,
  findNamedSecrets,
  findTokens,
  findEmails,
  findColonAddresses,
  findLetteredNumbers,
  findNumbers,
  findHeld,
  listPrivatePassages,
};

/** Long enough for what is tried again at each character to show, short enough to be counted step by step. */
const LENGTH = 400;
/** Characters looked at and steps of patterns for each character of a text: the most that any of these texts takes. */
const MOST_WORK = 200;

test.each(Object.keys(DETECTORS))('T-57: four times the text is four times the work, whatever it is made of: %s', (name) => {
  const detect = DETECTORS[name] ?? expect.unreachable();
  const slow = Object.entries(ADVERSARIAL).flatMap(([text, write]) => {
    const [little = 0, much = 0] = [write(LENGTH), write(4 * LENGTH)].map(
      (written) => countWork(() => detect(written)) / written.length,
    );
    const isSlow = much > little * 1.25 + 10 || much > MOST_WORK;
    return isSlow ? [`${text}: ${little.toFixed(0)} for each character, then ${much.toFixed(0)}`] : [];
  });
  expect(slow).toEqual([]);
});
