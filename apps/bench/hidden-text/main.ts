import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { z } from 'zod';

import { listHiddenText } from '@gatehouse/policy/findings/definition-findings';
import { removeHiddenText } from '@gatehouse/policy/findings/hidden-in-results';

import { listGeneratedCases, listResultCases, type Case } from './cases.ts';

// `npm run bench:hidden`: by technique how much of hidden text is found, and how often ordinary text is taken for it, in definitions and in results. `-- --data FOLDER` asks the same
// of labelled cases: every *.jsonl and *.jsonl.gz there, one case a line with `label` (`hidden`, `benign`; others are left out) and `text`, or a definition.
const { values } = parseArgs({ options: { data: { type: 'string' } } });

const Row = z.looseObject({
  label: z.string(),
  text: z.string().optional(),
  technique: z.string().optional(),
  kind: z.string().optional(),
});

/** How each of the two is looked through. */
const PLACES: Readonly<Record<string, (definition: unknown) => boolean>> = {
  definitions: (definition) => listHiddenText(definition).length > 0,
  results: (result) => listTexts(result).some((text) => removeHiddenText(text, 'pass').places > 0),
};

const generated = listGeneratedCases();
report('generated', 'definitions', generated);
report('generated', 'results', [...generated, ...listResultCases()]);
if (values.data !== undefined) {
  const cases = readCases(values.data);
  for (const place of Object.keys(PLACES)) report(values.data, place, cases);
}

function report(source: string, place: string, cases: readonly Case[]): void {
  const isFound = ({ definition }: Case) => PLACES[place]?.(definition) === true;
  for (const isHidden of [true, false]) {
    const asked = cases.filter((each) => each.isHidden === isHidden);
    print(
      `${source}, in ${place}: ${isHidden ? 'hidden text, found' : 'ordinary text, false alarms'}`,
      asked.filter(isFound).length,
      asked.length,
    );
    for (const [group, members] of Map.groupBy(asked, (each) => each.group))
      print(`  ${group}`, members.filter(isFound).length, members.length);
  }
}

function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(listTexts) : [];
}

function print(what: string, found: number, all: number): void {
  const share = all === 0 ? '' : `${((100 * found) / all).toFixed(1)} %`;
  process.stdout.write(`${what.padEnd(60)} ${`${found} of ${all}`.padStart(14)} ${share.padStart(8)}\n`);
}

function readCases(folder: string): Case[] {
  const files = readdirSync(folder).filter((name) => /\.jsonl(?:\.gz)?$/.test(name));
  return files.flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').flatMap((line) => toCase(Row.parse(JSON.parse(line)), name));
  });
}

function toCase({ label, text, ...row }: z.infer<typeof Row>, name: string): Case[] {
  if (label !== 'hidden' && label !== 'benign') return [];
  return [{ isHidden: label === 'hidden', group: row.technique ?? row.kind ?? name, definition: text ?? row }];
}
