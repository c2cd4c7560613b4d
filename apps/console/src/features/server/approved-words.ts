import { type EntryCounts, sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { describeCount } from '../../ui/text/count.ts';

interface Counts {
  offered: EntryCounts;
  approved: EntryCounts;
}

/** "3 of 17 tools, 14 of 14 other entries"; "3 of 3 entries" when none of them is a tool. */
export function describeApproved({ offered, approved }: Counts): string {
  const otherCount = sumCounts(offered) - offered.tool;
  if (offered.tool === 0) return describeApprovedTotal({ offered, approved });
  const tools = `${approved.tool} of ${describeCount(offered.tool, 'tool')}`;
  if (otherCount === 0) return tools;
  return `${tools}, ${sumCounts(approved) - approved.tool} of ${describeCount(otherCount, 'other entry', 'other entries')}`;
}

/** "17 of 31 entries": the same in few words. */
export function describeApprovedTotal({ offered, approved }: Counts): string {
  const total = sumCounts(offered);
  return `${sumCounts(approved)} of ${describeCount(total, 'entry', 'entries')}`;
}
