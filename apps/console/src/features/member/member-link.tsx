import { DayTime } from '../../ui/text/relative-time.tsx';
import { describeLink } from './link-words.ts';
import type { Member } from './member-list.tsx';

/** By whose link the account of a member came about, which decides for whom the member is a second person in reviews. */
export function MemberLink({ link }: Pick<Member, 'link'>) {
  if (!link) return <span className="text-subtle">–</span>;
  return (
    <>
      {describeLink(link)}, <DayTime at={link.usedAt} />
    </>
  );
}
