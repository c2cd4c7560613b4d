import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';

import { describeCount } from '../../../ui/text/count.ts';

/** Why fewer tools are listed than are selected; empty where none is denied. */
export function describeDenied(entries: readonly { kind: EntryKind; rule?: 'allow' | 'deny' }[]): string {
  const denied = entries.filter(({ kind, rule }) => kind === 'tool' && rule === 'deny').length;
  return denied === 0 ? '' : `${describeCount(denied, 'denied tool is', 'denied tools are')} not listed.`;
}
