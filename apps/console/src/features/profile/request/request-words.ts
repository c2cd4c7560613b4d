import type { ApiOutput } from '../../../trpc/client.tsx';

export type PublishRequest = ApiOutput['profile']['publishRequests']['rows'][number];
export type RequestDetail = ApiOutput['profile']['publishRequest'];

/** "A new version", "Version 3 again": what a request would make. */
export function describeWanted({ rolledBackTo }: Pick<PublishRequest, 'rolledBackTo'>): string {
  return rolledBackTo === null ? 'A new version' : `Version ${rolledBackTo} again`;
}

/** What has become of a request that is decided, in a sentence; null while it is open. */
export function describeOutcome({
  state,
  version,
  decidedBy,
}: Pick<PublishRequest, 'state' | 'version' | 'decidedBy'>): string | null {
  const who = decidedBy?.name ?? 'Somebody';
  switch (state) {
    case 'open':
      return null;
    case 'published':
      return `${who} published it as version ${version}`;
    case 'sent_back':
      return `${who} sent it back`;
    case 'withdrawn':
      return `${who} withdrew it`;
  }
}
