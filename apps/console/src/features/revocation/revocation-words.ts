import type { ApiOutput } from '../../trpc/client.tsx';
import type { Tone } from '../../ui/status/badge.tsx';

export type Entry = ApiOutput['revocation']['list']['rows'][number];
export type Reach = ApiOutput['revocation']['reach'];
export type Holder = Reach['agents'][number];

const ACT: Readonly<Record<string, string>> = {
  end: 'Ended for good',
  before: 'Ended what there was until then',
  stop: 'Disabled',
  lift: 'Enabled again',
};

const KIND: Readonly<Record<string, string>> = {
  key: 'Client key',
  session: 'Sessions of',
  agent: 'Agent',
  person: 'Person',
  tool: 'Tool',
  server: 'Server',
  profile: 'Profile',
  tenant: 'Workspace',
  signing_key: 'Signing key',
};

/** What an entry does. An act newer than this console reads as its code. */
export const describeAct = ({ act }: Pick<Entry, 'act'>): string => ACT[act] ?? act;

/** "Client key laptop of Mia" */
export function describeSubject({
  subjectKind,
  subjectId,
  subjectName,
}: Pick<Entry, 'subjectKind' | 'subjectId' | 'subjectName'>): string {
  return `${KIND[subjectKind] ?? subjectKind} ${subjectName ?? subjectId}`;
}

/** Whether an agent has the log up to this place, by its own word; what it has not named is not claimed. */
export function getHolderWords(
  { keepsLog, confirmed }: Pick<Holder, 'keepsLog' | 'confirmed'>,
  seq: number,
): { word: string; tone: Tone } {
  if (!keepsLog) return { word: 'By its configuration', tone: 'neutral' };
  return confirmed !== null && confirmed >= seq ? { word: 'Has it', tone: 'ok' } : { word: 'Not confirmed', tone: 'warn' };
}
