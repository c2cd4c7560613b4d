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

/** "helsinki-01, lyon-01, and 3 more", in its parts, with the page of what is named; null for what only joins. */
export function listNames({ total, agents }: SigningKeys['lagging']): { text: string; page: string | null }[] {
  const named = agents.slice(0, SHOWN).map(({ id, name }) => ({ text: name, page: `/agents/${id}` }));
  if (total > named.length) named.push({ text: `${total - named.length} more`, page: '/agents' });
  // words and what joins them take turns
  const parts = AND.formatToParts(named.map(({ text }) => text));
  return parts.map(({ value }, index) => ({ text: value, page: named[index / 2]?.page ?? null }));
}
