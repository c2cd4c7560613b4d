import type { ApiOutput } from '../../trpc/client.tsx';

export type SigningKeys = ApiOutput['signingKey']['get'];
export type SigningKey = SigningKeys['keys'][number];

/** What a key signs by now. */
export function describeUse({ isRoot, retiredAt }: Pick<SigningKey, 'isRoot' | 'retiredAt'>): string {
  if (!isRoot) return retiredAt === null ? 'Everything but keysets' : 'Nothing any more';
  return retiredAt === null ? 'Everything, until the first rotation' : 'Keysets only';
}

const AND = new Intl.ListFormat('en', { type: 'conjunction' });
const SHOWN = 5;

/** "helsinki-01, lyon-01, and 3 more" */
export function listNames(agents: readonly { name: string }[]): string {
  const names = agents.slice(0, SHOWN).map(({ name }) => name);
  return AND.format(agents.length > SHOWN ? [...names, `${agents.length - SHOWN} more`] : names);
}
