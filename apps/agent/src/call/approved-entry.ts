import type { CallTarget } from '@gatehouse/policy/evaluate';

import type { ApprovedEntry } from '../upstream/conversation.ts';

/** Nothing can be changed by it. Of a tool, that is what its reviewer said. */
export function isRead(target: Pick<CallTarget, 'entry'>): boolean {
  return target.entry.kind !== 'tool' || target.entry.risk === 'read';
}

/** What the server has to define when a request about this target is sent. */
export function toApprovedEntry(target: Pick<CallTarget, 'entry'>): ApprovedEntry {
  const { kind, name, pin, definition, ignored, alike } = target.entry;
  return { kind, name, pin, definition, ignored, alike, freshness: isRead(target) ? 'read' : 'write' };
}
