import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import type { ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { formatSome } from '@gatehouse/policy/names/some-of';
import { isSameUpstream } from '@gatehouse/policy/upstream';

import { describeCount } from '../../../ui/text/count.ts';
import type { ServerDetail } from '../server-state.tsx';

/** What becomes of approvals when a server is saved, told before: what it says is what the verb does. */
export interface ChangeWords {
  tone: 'ok' | 'warn' | 'info';
  title: string;
  sentences: string[];
}

type Now = Pick<ServerDetail, 'transport' | 'entries' | 'profileCount'>;

/** `transport`: as the form has it; null while something in it is wrong. `isAdded`: a site is added. */
export function describeChange(now: Now, transport: ServerTransport | null, isAdded: boolean): ChangeWords {
  const approved = now.entries.filter(({ verdict }) => verdict === 'approved').map(({ name }) => name);
  const names = formatSome([...new Set(approved)]);
  if (transport === null)
    return {
      tone: 'info',
      title: 'Something is still missing',
      sentences: ['What saving does is said here once the form is right.'],
    };
  const isTouched = toCanonicalJson(transport) !== toCanonicalJson(now.transport);
  const author = 'You become one of its authors: what it offers from now on, somebody else has to approve.';
  if (!isSameUpstream(now.transport, transport)) {
    return {
      tone: 'warn',
      title:
        approved.length === 0
          ? 'This is another server to Gatehouse'
          : `${describeCount(approved.length, 'approval')} ${approved.length === 1 ? 'ends' : 'end'}`,
      sentences: [
        approved.length === 0
          ? 'Nothing is approved now. What is found at the new address waits for a review.'
          : `${names}: approved was what the server offers at ${describeAddress(now.transport)}, and ${describeDifference(now.transport, transport)}.`,
        'It needs a review: the same definitions are filled in there as they were decided, and nothing counts before somebody decides.',
        ...(approved.length > 0 && now.profileCount > 0
          ? [
              `${describeCount(now.profileCount, 'profile')} ${now.profileCount === 1 ? 'serves' : 'serve'} nothing of it until then, and calls are refused.`,
            ]
          : []),
        author,
      ],
    };
  }
  if (approved.length === 0) {
    return { tone: 'info', title: 'Nothing is approved now', sentences: isTouched || isAdded ? [author] : ['So nothing ends.'] };
  }
  return {
    tone: 'ok',
    title: `${describeCount(approved.length, 'approval')} ${approved.length === 1 ? 'stays' : 'stay'}`,
    sentences: [
      isTouched
        ? `${names}: it is the same server, at the same address. Whatever it lists with what is changed here is compared with what was approved at each connection, and refused where it differs.`
        : `${names}: how the server is reached stays as it is.`,
      ...(isAdded ? ['At a site that is added it is compared in the same way.'] : []),
      ...(isTouched || isAdded ? [author] : []),
    ],
  };
}

function describeAddress(transport: ServerTransport): string {
  switch (transport.kind) {
    case 'http':
      return transport.url;
    case 'rest':
      return transport.baseUrl;
    case 'stdio':
      return `the entry ${transport.entry}`;
  }
}

function describeDifference(before: ServerTransport, after: ServerTransport): string {
  return describeAddress(before) === describeAddress(after)
    ? 'with other fixed headers another server may answer there'
    : `${describeAddress(after)} may be another server`;
}
