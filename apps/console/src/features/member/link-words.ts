import type { Member } from './member-list.tsx';

type Link = NonNullable<Member['link']>;

/** "Invited by Ada, link made by Ben" */
export function describeLink({ kind, madeBy, invitedBy }: Pick<Link, 'kind' | 'madeBy' | 'invitedBy'>): string {
  const maker = madeBy?.name ?? 'the operator';
  if (kind === 'reset') return `New password, link made by ${maker}`;
  return invitedBy ? `Invited by ${invitedBy.name}, link made by ${maker}` : `Invited by ${maker}`;
}
