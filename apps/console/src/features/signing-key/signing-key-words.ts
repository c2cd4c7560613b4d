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

/** "helsinki-01, lyon-01, and 3 more", in its parts: agents have their id. */
export function listNames(agents: readonly { id: string; name: string }[]): { text: string; agentId: string | null }[] {
  const shown = agents.slice(0, SHOWN);
  const words = shown.map(({ name }) => name);
  if (agents.length > SHOWN) words.push(`${agents.length - SHOWN} more`);
  // words and what joins them take turns
  return AND.formatToParts(words).map(({ value }, index) => ({ text: value, agentId: shown[index / 2]?.id ?? null }));
}
