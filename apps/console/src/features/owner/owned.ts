import type { ApiOutput } from '../../trpc/client.tsx';

export type Approver = ApiOutput['server']['get']['approvers'][number];

/** What somebody owns and others decide on, as its page has it. */
export interface Owned {
  kind: 'profile' | 'server';
  id: string;
  name: string;
  revision: number;
  owner: ApiOutput['server']['get']['owner'];
  approvers: readonly Approver[];
  /** of a profile: its owner agrees to a new version before it takes effect */
  isAsked?: boolean;
  /** of a profile: members may ask for it */
  isAskable?: boolean;
}
