import type { ApiOutput } from '../../trpc/client.tsx';
import { describeCount } from '../../ui/text/count.ts';

export type ProvenanceDetail = ApiOutput['server']['provenance'];
export type ProvenanceRevision = ProvenanceDetail['revisions'][number];
type Transport = ProvenanceDetail['entered']['transport'];

const NOT_KNOWN = [
  'its publisher',
  'its source and licence',
  'its maintainers',
  'a signature or attestation',
  'advisories on what it is made of',
];

/** What the product has from nobody, in one sentence. */
export function describeNotKnown(transport: Transport): string {
  return `Not known: ${[...NOT_KNOWN, ...listNotReported(transport)].join(', ')}.`;
}

/** What an agent may know of this server and does not report. Nothing of TLS where there is none. */
function listNotReported(transport: Transport): string[] {
  if (transport.kind === 'stdio') {
    return [
      'the program behind the entry with its hash, and its package and version: they stand in the guardrails of each site and are not reported',
    ];
  }
  const address = transport.kind === 'http' ? transport.url : transport.baseUrl;
  return URL.parse(address)?.protocol === 'https:' ? ['the TLS certificate, which the agent checks and does not report'] : [];
}

/** "2 added, 1 removed": what a revision has that the one before it has not. */
export function describeRevisionChange({ change }: Pick<ProvenanceRevision, 'change'>): string {
  if (change === null) return 'The first that is kept';
  const parts = (['added', 'changed', 'removed'] as const)
    .filter((word) => change[word] > 0)
    .map((word) => `${change[word]} ${word}`);
  return parts.length === 0 ? 'The same definitions' : parts.join(', ');
}

/** Bytes as a person reads them: "840 B", "12.4 kB" (1,000 bytes), "3.1 MB". */
export function describeBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [size, unit] = bytes < 999_950 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${size.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`;
}

/** Who had it found: a person who asked, a person who imported it, or an agent of its own accord. */
export function describeFinder({ askedBy, imported }: Pick<ProvenanceRevision, 'askedBy' | 'imported'>): string {
  if (imported) return `imported by ${imported.by.name}`;
  return askedBy ? `asked for by ${askedBy.name}` : 'seen by an agent of its own accord';
}

/** Declared name and version of a revision in one line; empty when it declares neither. */
export function describeDeclared({ declared: { name, version } }: Pick<ProvenanceRevision, 'declared'>): string {
  return [name, version].filter((part) => part !== undefined && part !== '').join(' ');
}

/** "4 tools, 1 other": what a revision holds. */
export function describeContents({ tools, others }: Pick<ProvenanceRevision, 'tools' | 'others'>): string {
  return others === 0
    ? describeCount(tools, 'tool')
    : `${describeCount(tools, 'tool')}, ${describeCount(others, 'other entry', 'other entries')}`;
}
