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
  /** what `count` counts */
  count?: readonly [one: string, many: string];
  /** the same, said where it is more than one */
  several?: readonly [one: string, many: string];
}

const toProfile = ({ slug }: Stopped): string => `/profiles/${slug}`;
const toServer = ({ slug }: Stopped): string => `/servers/${slug}`;
const toAgent = ({ id }: Stopped): string => `/agents/${id}`;
const choose = (total: number, one: string, many: string): string => (total === 1 ? one : many);

/** What becomes of each kind, in words. */
export const STOP_WORDS: Record<Stop['kind'], Words> = {
  access: {
    describe: (n) => `Access to ${describeCount(n, 'profile')} ends`,
    buildHref: toProfile,
    several: ['person', 'people'],
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
    several: ['person', 'people'],
  },
  request: {
    describe: (n) => `${describeCount(n, 'request')} for access ${choose(n, 'is', 'are')} withdrawn`,
    buildHref: toProfile,
  },
  serving: {
    describe: (n) => `${describeCount(n, 'profile')} ${choose(n, 'loses', 'lose')} entries`,
    buildHref: toProfile,
    count: ['entry', 'entries'],
  },
  naming: {
    describe: (n) => `${describeCount(n, 'profile')} ${choose(n, 'names', 'name')} entries without serving them now`,
    buildHref: toProfile,
  },
  caller: {
    describe: (n) => `${describeCount(n, 'person', 'people')} can call this with a client key now`,
    count: ['key', 'keys'],
  },
  called: {
    describe: (n) => `${describeCount(n, 'server')} ${choose(n, 'has', 'have')} been called`,
    buildHref: toServer,
    at: { last: 'last', never: '' },
  },
  endpoint: {
    describe: (n) => `${describeCount(n, 'endpoint')} ${choose(n, 'refuses', 'refuse')} every call at once`,
    buildHref: toProfile,
  },
  user: { describe: (n) => `${describeCount(n, 'person', 'people')} ${choose(n, 'loses', 'lose')} access` },
  unserved: {
    describe: (n) => `${describeCount(n, 'endpoint')} ${choose(n, 'is', 'are')} served by no other agent`,
    buildHref: toProfile,
  },
  servedElsewhere: { describe: (n) => `Another agent goes on serving ${describeCount(n, 'endpoint')}`, buildHref: toProfile },
  session: {
    describe: (n) => `Sessions of AI clients end at ${describeCount(n, 'agent')}`,
    buildHref: toAgent,
    count: ['session', 'sessions'],
  },
  unsent: {
    describe: (n) =>
      `Receipts of ${describeCount(n, 'agent')} have not arrived and stay on ${choose(n, 'its machine', 'their machines')}`,
    buildHref: toAgent,
    count: ['receipt', 'receipts'],
  },
  joinToken: { describe: (n) => `${describeCount(n, 'join token')} ${choose(n, 'ends', 'end')}` },
  leaver: {
    describe: (n) =>
      `${describeCount(n, 'person', 'people')} ${choose(n, 'is', 'are')} in it, and ${choose(n, 'stays', 'stay')} in the workspace`,
  },
  link: {
    describe: (n) => `${describeCount(n, 'invitation or link', 'invitations and links')} stop${n === 1 ? 's' : ''} working`,
  },
};
