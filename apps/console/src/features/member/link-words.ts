import type { Member } from './member-list.tsx';

type Link = NonNullable<Member['link']>;

/** "Invited by Ada, link made by Ben", "Invited by Ada, by mail" */
export function describeLink({
  kind,
  byMail,
  madeBy,
  invitedBy,
}: Pick<Link, 'kind' | 'byMail' | 'madeBy' | 'invitedBy'>): string {
  if (byMail) return kind === 'reset' ? 'New password, by mail' : `Invited by ${invitedBy?.name ?? 'the operator'}, by mail`;
  const maker = madeBy?.name ?? 'the operator';
  if (kind === 'reset') return `New password, link made by ${maker}`;
  return invitedBy ? `Invited by ${invitedBy.name}, link made by ${maker}` : `Invited by ${maker}`;
}
