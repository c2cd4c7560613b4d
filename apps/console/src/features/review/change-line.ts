import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import type { ApiOutput } from '../../trpc/client.tsx';

type Counts = Pick<ApiOutput['review']['list']['rows'][number], 'offered' | 'added' | 'changed' | 'destructiveCount'>;

const formatCount = (count: number, one: string): string => {
  const many = one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`;
  return `${count} ${count === 1 ? one : many}`;
};

/** What a review is about, in one line: "2 new tools, 1 changed tool, 1 destructive". */
export function describeChanges({ offered, added, changed, destructiveCount }: Counts): string {
  const parts: string[] = [];
  if (added.tool > 0) parts.push(formatCount(added.tool, 'new tool'));
  if (changed.tool > 0) parts.push(formatCount(changed.tool, 'changed tool'));
  if (destructiveCount > 0 && parts.length > 0) parts.push(`${destructiveCount} destructive`);
  const others = sumCounts(added) + sumCounts(changed) - added.tool - changed.tool;
  if (others > 0) parts.push(`${others} ${others === 1 ? 'prompt, resource' : 'prompts, resources'} or instructions`);
  if (parts.length > 0) return parts.join(', ');
  const total = sumCounts(offered);
  return `${formatCount(total, total === offered.tool ? 'tool' : 'entry')}, none new or changed`;
}
