import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { createSecretFinder } from '@gatehouse/redaction/held-secrets';

import { computeMedian } from '../src/measure/stats.ts';
import { printGrowth } from './growth.ts';
import { measure, type Find } from './measure.ts';
import { TEXTS } from './texts.ts';

// `npm run bench:redaction`: what looking for held credentials costs a character, in CPU time. `-- --against FOLDER` sets the finder of a checkout of
// another commit beside it, both in the same rounds; whatever it is called there, it is the only function of its file.
// `-- --growth` prints what the texts that are made to be read slowly cost each detector at three lengths; `--most 10` more or fewer of them.
const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    growth: { type: 'boolean', default: false },
    most: { type: 'string', default: '5' },
  },
});

const Module = z.record(z.string(), z.unknown());
const Create = z.custom<(secrets: readonly string[]) => Find>((value) => typeof value === 'function');

const secrets = Array.from({ length: 20 }, (_, index) => `sk_live_51H${index}xKQzs7pRbw9TfAm2Zc`);
const now: Find = createSecretFinder(secrets);
const before = values.against ? await loadFinder(values.against) : null;

if (values.growth) printGrowth(secrets, now, Number(values.most));
else printCosts();

function printCosts(): void {
  process.stdout.write(`ns CPU per character ${before ? '   now  before  now : before' : '   now'}\n`);
  for (const [name, text] of Object.entries(TEXTS)) {
    const rounds = Array.from({ length: Number(values.rounds) }, () => [
      measure(now, text),
      before ? measure(before, text) : Number.NaN,
    ]);
    const [mine, other] = [0, 1].map((at) => computeMedian(rounds.slice(2).map((round) => round[at] ?? Number.NaN)));
    const ratio = computeMedian(rounds.slice(2).map(([one = 0, two = 0]) => one / two));
    const figures = before ? [mine, other, ratio] : [mine];
    process.stdout.write(`${name.padEnd(24)} ${figures.map((figure = 0) => figure.toFixed(2).padStart(7)).join(' ')}\n`);
  }
}

async function loadFinder(folder: string): Promise<Find> {
  const loaded: unknown = await import(resolve(folder, 'packages/redaction/src/held-secrets.ts'));
  const create = Object.values(Module.parse(loaded)).find((value) => Create.safeParse(value).success);
  return Create.parse(create)(secrets);
}
