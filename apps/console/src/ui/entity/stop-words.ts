import type { ApiOutput } from '../../trpc/client.tsx';
import { describeCount } from '../text/count.ts';

export type Stop = ApiOutput['member']['whatStops'][number];
export type Stopped = Stop['first'][number];

interface Words {
  /** "3 profiles are lost": what becomes of how many */
  describe: (total: number) => string;
  /** its page, below the workspace; left out: it has none */
  buildHref?: (stopped: Stopped) => string;
  /** what `at` is, before the time, and what is said where there is none */
  at?: { last: string; never: string };
  /** what `count` counts, said where it is more than one */
  count?: readonly [one: string, many: string];
}

const toProfile = ({ slug }: Stopped): string => `/profiles/${slug}`;
const toServer = ({ slug }: Stopped): string => `/servers/${slug}`;
const choose = (total: number, one: string, many: string): string => (total === 1 ? one : many);

/** What becomes of each kind, in words. */
export const STOP_WORDS: Record<Stop['kind'], Words> = {
  access: {
    describe: (n) => `Access to ${describeCount(n, 'profile')} ends`,
    buildHref: toProfile,
    count: ['person', 'people'],
  },
  key: {
    describe: (n) => `${describeCount(n, 'client key')} ${choose(n, 'stops', 'stop')} working`,
    at: { last: 'used', never: 'never used' },
  },
  unownedProfile: { describe: (n) => `Nobody answers for ${describeCount(n, 'profile')} then`, buildHref: toProfile },
  unownedServer: { describe: (n) => `Nobody answers for ${describeCount(n, 'server')} then`, buildHref: toServer },
  undecidedProfile: {
    describe: (n) => `Nobody decides on requests for ${describeCount(n, 'profile')} then`,
    buildHref: toProfile,
  },
  undecidedServer: { describe: (n) => `Nobody decides on reviews of ${describeCount(n, 'server')} then`, buildHref: toServer },
  group: {
    describe: (n) => `${describeCount(n, 'group')} ${choose(n, 'is', 'are')} left`,
    buildHref: ({ id }) => `/groups/${id}`,
    count: ['person', 'people'],
  },
  request: {
    describe: (n) => `${describeCount(n, 'request')} for access ${choose(n, 'is', 'are')} withdrawn`,
    buildHref: toProfile,
  },
  link: {
    describe: (n) => `${describeCount(n, 'invitation or link', 'invitations and links')} stop${n === 1 ? 's' : ''} working`,
  },
};
