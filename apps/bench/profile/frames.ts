import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

import { z } from 'zod';

/** The part of V8's CPU profile that is read here. Times are microseconds of the monotonic clock of the machine. */
const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number(), columnNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
  startTime: z.number(),
});
type ProfileNode = z.infer<typeof CpuProfile>['nodes'][number];

/** A stretch of time, microseconds of the monotonic clock. */
export interface Stretch {
  from: number;
  to: number;
}

/** Time of one function or file: its own, and with all that it calls; microseconds. */
export interface Cost {
  name: string;
  own: number;
  total: number;
}

export interface ProfileCosts {
  functions: Cost[];
  files: Cost[];
  /** without idle */
  busy: number;
}

/** Where a frame of the bundle stands in the sources: their path from the root of the repository or the package. */
export type LocateFrame = (frame: ProfileNode['callFrame']) => string;

/** By the source map that stands beside the bundle. */
export function openLocator(bundle: string): LocateFrame {
  const map = new SourceMap(
    z.custom<ConstructorParameters<typeof SourceMap>[0]>().parse(JSON.parse(readFileSync(`${bundle}.map`, 'utf8'))),
  );
  return ({ url, lineNumber, columnNumber }) => {
    if (url.startsWith('node:')) return url;
    if (!url.endsWith('gatehouse-agent.mjs')) return '(engine)';
    const entry = map.findEntry(lineNumber, columnNumber);
    return 'originalSource' in entry ? shortenPath(entry.originalSource) : '(bundle)';
  };
}

function shortenPath(path: string): string {
  const [, inPackage] = /node_modules\/(.+)$/.exec(path) ?? [];
  return inPackage ?? path.replace(/^.*?(?=(?:apps|packages)\/)/, '').replace(/^(?:\.\.\/)*agent\//, 'apps/agent/');
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(root)']);

/** What was run within a stretch of time, by function and by file, the dearest first. */
export function readCosts(path: string, { from, to }: Stretch, locate: LocateFrame): ProfileCosts {
  const { nodes, samples, timeDeltas, startTime } = CpuProfile.parse(JSON.parse(readFileSync(path, 'utf8')));
  const own = new Map<number, number>();
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    at += timeDeltas[index] ?? 0;
    const lasts = timeDeltas[index + 1] ?? 0;
    if (at >= from && at <= to) own.set(id, (own.get(id) ?? 0) + lasts);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const functions = new Tally();
  const files = new Tally();
  let busy = 0;
  const walk = (node: ProfileNode, above: { functions: ReadonlySet<string>; files: ReadonlySet<string> }): number => {
    const { functionName } = node.callFrame;
    const file = locate(node.callFrame);
    const name = `${functionName || '(anonymous)'} ${file}`;
    const self = IDLE.has(functionName) ? 0 : (own.get(node.id) ?? 0);
    busy += self;
    const here = { functions: new Set([...above.functions, name]), files: new Set([...above.files, file]) };
    let total = self;
    for (const child of node.children ?? []) {
      const found = byId.get(child);
      if (found) total += walk(found, here);
    }
    functions.add(name, self, above.functions.has(name) ? 0 : total);
    files.add(file, self, above.files.has(file) ? 0 : total);
    return total;
  };
  const [root] = nodes;
  if (root) walk(root, { functions: new Set(), files: new Set() });
  return { functions: functions.list(), files: files.list(), busy };
}

class Tally {
  readonly #costs = new Map<string, Cost>();

  add(name: string, own: number, total: number): void {
    const cost = this.#costs.get(name) ?? { name, own: 0, total: 0 };
    cost.own += own;
    cost.total += total;
    this.#costs.set(name, cost);
  }

  list(): Cost[] {
    return [...this.#costs.values()].toSorted((a, b) => b.own - a.own);
  }
}
