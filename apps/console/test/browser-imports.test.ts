import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../src');
/** Imports that are there when the program runs: a file that is imported for its types alone does not go to the browser. */
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:(?<names>[^;'"]*?)\s+from\s+)?'(?<from>[^']+)'/gm;
const ONLY_TYPES = /^\{\s*(?:type [^,}]+,?\s*)+\}$/;

function listImports(file: string): string[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(IMPORT)).flatMap(({ groups }) =>
    groups?.['from'] === undefined || ONLY_TYPES.test(groups['names'] ?? '') ? [] : [groups['from']],
  );
}

/** The ways by which what runs in the browser comes to a module of Node: each from the file that names the module back to a component. */
function findWaysToNode(): string[] {
  const cameFrom = new Map<string, string | null>(
    globSync(`${SRC}/**/*.{ts,tsx}`)
      .filter((file) => readFileSync(file, 'utf8').startsWith("'use client'"))
      .map((file) => [file, null]),
  );
  const ways: string[] = [];
  for (const file of cameFrom.keys()) {
    for (const name of listImports(file)) {
      if (name.startsWith('node:')) ways.push([name, ...walkBack(cameFrom, file)].join(' < '));
      if (!name.startsWith('.') && !name.startsWith('@gatehouse/')) continue;
      const imported = createRequire(file).resolve(name);
      // a map that grows while it is walked through is walked through to its new end
      if (!cameFrom.has(imported)) cameFrom.set(imported, file);
    }
  }
  return ways;
}

function walkBack(cameFrom: ReadonlyMap<string, string | null>, file: string): string[] {
  const before = cameFrom.get(file);
  return [file.replace(/^.*\/(?=(?:apps|packages)\/)/, ''), ...(before == null ? [] : walkBack(cameFrom, before))];
}

// Next makes up for what only Node has: one hash brought 450 kB to each page that came to it.
test('nothing that runs in the browser comes to a module of Node', () => {
  expect(findWaysToNode()).toEqual([]);
});
