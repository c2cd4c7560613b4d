import { listHiddenText } from '@gatehouse/policy/findings/definition-findings';
import { mayHoldHiddenText, removeHiddenText } from '@gatehouse/policy/findings/hidden-in-results';
import { findPrivateKeys, findUrlCredentials } from '@gatehouse/redaction/detectors/blocks';
import { findNamedSecrets } from '@gatehouse/redaction/detectors/key-names';
import { findColonAddresses, findEmails, findLetteredNumbers, findNumbers } from '@gatehouse/redaction/detectors/personal-data';
import { findTokens } from '@gatehouse/redaction/detectors/tokens';
import { listPrivatePassages } from '@gatehouse/redaction/private-passages';
import { createRedactor } from '@gatehouse/redaction/redact';
import { ADVERSARIAL } from '@gatehouse/redaction/testing/adversarial';

import { KINDS } from './kinds.ts';
import { measure, type Find } from './measure.ts';

/** Characters: a sixteenth, a quarter, all of it. */
const LENGTHS = [32_000, 128_000, 512_000] as const;
/** Of a definition, which is no longer than 128 kB. */
const DEFINITION_LENGTHS = [8_000, 32_000, 128_000] as const;
/** By how much the dearest text may cost more than the dearest ordinary one before it is marked. */
const MOST_TIMES = 10;
const MOST_GROWTH = 2;
const ROUNDS = 2;

/** Prints what the slowest texts cost each detector at three lengths, in ns CPU per character, beside the dearest ordinary text. */
export function printGrowth(secrets: readonly string[], findHeld: Find, most: number): void {
  const redactor = createRedactor({ secrets });
  const detectors: [string, Find, readonly number[]][] = [
    ['findPrivateKeys', findPrivateKeys, LENGTHS],
    ['findUrlCredentials', findUrlCredentials, LENGTHS],
    ['findNamedSecrets', findNamedSecrets, LENGTHS],
    ['findTokens', findTokens, LENGTHS],
    ['findEmails', findEmails, LENGTHS],
    ['findColonAddresses', findColonAddresses, LENGTHS],
    ['findLetteredNumbers', findLetteredNumbers, LENGTHS],
    ['findNumbers', findNumbers, LENGTHS],
    ['held credentials', findHeld, LENGTHS],
    ['redact', (text) => redactor.redact(text), LENGTHS],
    ['mayHoldHiddenText', (text) => mayHoldHiddenText(JSON.stringify(text)), LENGTHS],
    ['removeHiddenText', (text) => removeHiddenText(text, 'mark'), LENGTHS],
    ['listHiddenText', (text) => listHiddenText({ description: text }), DEFINITION_LENGTHS],
    ['listPrivatePassages', (text) => listPrivatePassages({ description: text }), DEFINITION_LENGTHS],
  ];
  for (const [name, detect, lengths] of detectors) printDetector(name, detect, lengths, most);
}

function printDetector(name: string, detect: Find, lengths: readonly number[], most: number): void {
  const [, , longest = 0] = lengths;
  const ordinary = Object.entries(KINDS).map(([kind, part]) => ({ kind, cost: measureLeast(detect, fill(part, longest)) }));
  const [dearest = { kind: '', cost: 0 }] = ordinary.toSorted((a, b) => b.cost - a.cost);
  process.stdout.write(`\n${name}: the dearest ordinary text is ${dearest.kind}, ${dearest.cost.toFixed(1)} ns a character\n`);
  process.stdout.write(`${lengths.map((length) => `${length / 1_000}k`.padStart(8)).join('')}   growth   times  text\n`);
  const rows = Object.entries(ADVERSARIAL).map(([text, write]) => {
    const costs = lengths.map((length) => measureLeast(detect, write(length)));
    const [, middle = 0, last = 0] = costs;
    return { text, costs, growth: last / middle, times: last / Math.max(dearest.cost, 1), last };
  });
  for (const { text, costs, growth, times } of rows.toSorted((a, b) => b.last - a.last).slice(0, most)) {
    const mark = times > MOST_TIMES || growth > MOST_GROWTH ? ' !' : '';
    const figures = costs.map((cost) => cost.toFixed(1).padStart(8)).join('');
    process.stdout.write(`${figures} ${growth.toFixed(2).padStart(8)} ${times.toFixed(1).padStart(7)}  ${text}${mark}\n`);
  }
}

/** The least of some rounds: whatever else ran only adds to it. */
function measureLeast(detect: Find, text: string): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => measure(detect, text, text.length)));
}

function fill(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length));
}
