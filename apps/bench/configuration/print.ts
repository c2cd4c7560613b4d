import type { AgentFigures } from './agent.ts';
import type { Figures } from './measure.ts';
import type { TenantSize } from './tenant.ts';

/** Key changes at fifty a minute. */
const CHANGES_PER_HOUR = 50 * 60;
const CHANGES_PER_DAY = 24 * CHANGES_PER_HOUR;
/** Versions of a site that are kept as a whole. */
const KEPT_VERSIONS = 20;

const formatBytes = (bytes: number) =>
  bytes > 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes > 1e6
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e3).toFixed(1)} kB`;
const formatMs = (ms: number) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

const ROWS: [label: string, show: (figures: Figures) => string][] = [
  ['the whole for an agent that has nothing, on the wire', ({ firstBytes }) => formatBytes(firstBytes)],
  ['one new key, on the wire', ({ keyBytes }) => formatBytes(keyBytes)],
  ['one new key, until it is stored and signed', ({ keyVerbMs }) => formatMs(keyVerbMs)],
  ['one new key, until the agent answered', ({ keyAckMs }) => formatMs(keyAckMs)],
  ['one new key, in the database', ({ storedBytesPerKey }) => formatBytes(storedBytesPerKey)],
  ['written in a day at 50 changes a minute', ({ storedBytesPerKey }) => formatBytes(storedBytesPerKey * CHANGES_PER_DAY)],
  [
    'of that kept by the retention',
    ({ protocol, storedBytesPerKey }) => formatBytes(storedBytesPerKey * (protocol === 2 ? CHANGES_PER_HOUR : KEPT_VERSIONS)),
  ],
  ['the pass that builds everything and finds no change', ({ fullPassMs }) => formatMs(fullPassMs)],
  ['removing old versions', ({ pruneMs }) => formatMs(pruneMs)],
];

interface Run {
  size: TenantSize;
  firstWriteMs: number;
  figures: readonly Figures[];
  agent: AgentFigures;
}

/** The figures as a table of Markdown. */
export function printFigures({ size, firstWriteMs, figures, agent }: Run): void {
  const { people, servers, toolsPerServer, profiles } = size;
  const lines = [
    `${people} people with a key each, ${servers} servers of ${toolsPerServer} tools, ${profiles} profiles; first written in ${formatMs(firstWriteMs)}.`,
    `The agent that ships: serves everything ${formatMs(agent.firstMs)} after its start, and a new key ${formatMs(agent.keyMs)} after the click.`,
    '',
    `| | ${figures.map(({ protocol }) => (protocol === 2 ? 'parts' : 'whole')).join(' | ')} |`,
    `|---|${figures.map(() => '---').join('|')}|`,
    ...ROWS.map(([label, show]) => `| ${label} | ${figures.map(show).join(' | ')} |`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
