import { describeCount } from '../../../ui/text/count.ts';
import type { VersionChange } from '../publish/version-changes.ts';

/** As many as the API counts of one version at most. */
const MOST_COUNTED = 1_000;

/** "no calls", "1 call", "1,000 calls or more": what the receipts of a version say. */
export function describeCalls(count: number): string {
  if (count === 0) return 'no calls yet';
  if (count >= MOST_COUNTED) return `${MOST_COUNTED.toLocaleString('en')} calls or more`;
  return count === 1 ? '1 call' : `${count.toLocaleString('en')} calls`;
}

/** Whose AI clients read other lists after a roll-back, in a sentence. */
export function describeAudience({ peopleCount, keyCount }: { peopleCount: number; keyCount: number }): string {
  if (peopleCount === 0) return 'Nobody has access to this profile, so nobody notices.';
  const people = peopleCount === 1 ? '1 person has' : `${peopleCount.toLocaleString('en')} people have`;
  const keys = keyCount === 1 ? '1 key that works' : `${keyCount.toLocaleString('en')} keys that work`;
  return `${people} access, with ${keys}. Their AI clients read their lists anew.`;
}

/** What somebody notices who had the served version before them: names that come, go, and stay with something else behind them. */
export function countNotice(changes: readonly VersionChange[]): { appear: number; vanish: number; change: number } {
  const count = (wanted: VersionChange['change']): number => changes.filter(({ change }) => change === wanted).length;
  return { appear: count('added'), vanish: count('removed'), change: count('changed') };
}

/** "2 entries appear, 1 entry disappears, 3 entries change. A call by a name that is gone is answered as one of an unknown tool." */
export function describeNotice(changes: readonly VersionChange[]): string {
  const { appear, vanish, change } = countNotice(changes);
  const parts = [
    ...(appear > 0 ? [describeCount(appear, 'entry appears', 'entries appear')] : []),
    ...(vanish > 0 ? [describeCount(vanish, 'entry disappears', 'entries disappear')] : []),
    ...(change > 0 ? [describeCount(change, 'entry changes', 'entries change')] : []),
  ];
  if (parts.length === 0) return 'Nothing in the lists of AI clients appears, disappears or changes.';
  const renamed = changes.some(({ details }) => details.some((detail) => detail.startsWith('was shown as')));
  const gone = vanish > 0 || renamed;
  const call = gone ? ' A client that still holds a name that is gone is told that there is no such tool.' : '';
  return `${parts.join(', ')}.${call}`;
}
