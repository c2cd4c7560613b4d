import type { ApiOutput } from '../../../trpc/client.tsx';

export type OpenapiPreview = ApiOutput['server']['previewOpenapi'];
export type Operation = OpenapiPreview['operations'][number];

/** Operations under one tag, in the order of the description. */
export interface OperationGroup {
  tag: string;
  operations: Operation[];
}

/** What stands under no tag. */
export const NO_TAG = 'Without a tag';

/** Those that can be tools, by their first tag. */
export function groupByTag(operations: readonly Operation[]): OperationGroup[] {
  const groups = Map.groupBy(operations, ({ tags }) => tags[0] ?? NO_TAG);
  return [...groups].map(([tag, members]) => ({ tag, operations: members }));
}

/** Every word must stand somewhere in name, method, path, summary or tags. */
export function matchesFilter(operation: Operation, filter: string): boolean {
  const { key, name, summary, tags } = operation;
  const text = `${key} ${name} ${summary ?? ''} ${tags.join(' ')}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** "12 of 1,222 selected · about 5,400 tokens". */
export function describeSelection(operations: readonly Operation[], selected: ReadonlySet<string>): string {
  const chosen = operations.filter(({ key }) => selected.has(key));
  const tokens = chosen.reduce((sum, operation) => sum + (operation.tokens ?? 0), 0);
  const all = operations.filter(({ problem }) => problem === null).length;
  const cost = chosen.length === 0 ? '' : ` · about ${tokens.toLocaleString('en')} tokens`;
  return `${chosen.length.toLocaleString('en')} of ${all.toLocaleString('en')} selected${cost}`;
}

/** A selection with some keys put in or taken out. */
export function withKeys(selected: ReadonlySet<string>, keys: readonly string[], on: boolean): ReadonlySet<string> {
  const next = new Set(selected);
  for (const key of keys) {
    if (on) next.add(key);
    else next.delete(key);
  }
  return next;
}

/** The first base URL of a description that can be used as it stands, made whole by where the description was read. */
export function suggestBaseUrl(servers: readonly string[], readFrom: string | null): string {
  for (const server of servers) {
    if (server.includes('{')) continue;
    const url = URL.parse(server, readFrom ?? undefined);
    if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  }
  return '';
}

/** Null when a base URL can be used, else what is wrong. */
export function findBaseUrlProblem(text: string): string | null {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return 'Enter a complete URL: https://api.example.com/v1';
  if (url.username !== '' || url.password !== '') return 'This URL holds a password. Take it out and name a reference below.';
  if (url.search !== '' || url.hash !== '') return 'Take the part after ? or # out: operations have their own parameters.';
  return null;
}
