import type { ApiOutput } from '../../trpc/client.tsx';
import type { Permission } from '../../trpc/use-me.ts';
import { NAVIGATION } from './navigation.ts';

/** One line of the palette. */
export interface PaletteEntry {
  /** heading above it */
  group: 'Recent' | 'Found' | 'Go to' | 'Do';
  label: string;
  hint: string;
  /** below the tenant */
  path: string;
}

interface Offered {
  label: string;
  path: string;
  needs: Permission;
}

/** What can be begun from anywhere. Without its permission an entry is absent. */
const ACTIONS: readonly Offered[] = [
  { label: 'Add a server', path: '/servers/new', needs: 'server.create' },
  { label: 'Import an OpenAPI description', path: '/servers/new/openapi', needs: 'server.create' },
  { label: 'Install an agent', path: '/agents/new', needs: 'agent.manage' },
  { label: 'Look at the join tokens', path: '/agents/tokens', needs: 'agent.manage' },
  { label: 'Decide what waits for a review', path: '/reviews', needs: 'review.decide' },
  { label: 'Look at the calls of the last hour', path: '/audit?range=1h', needs: 'receipt.read' },
  { label: 'Connect an AI client', path: '/connect', needs: 'profile.use' },
];

type Found = ApiOutput['search']['objects'][number];

const KIND: Record<Found['kind'], { word: string; build: (ref: string) => string }> = {
  server: { word: 'Server', build: (ref) => `/servers/${ref}` },
  profile: { word: 'Profile', build: (ref) => `/profiles/${ref}` },
  agent: { word: 'Agent', build: (ref) => `/agents/${ref}` },
  site: { word: 'Site', build: (ref) => `/sites/${ref}` },
  member: { word: 'Member', build: (ref) => `/members?q=${encodeURIComponent(ref)}` },
  group: { word: 'Group', build: (ref) => `/groups/${ref}` },
  review: { word: 'Review', build: (ref) => `/reviews/${ref}` },
  call: { word: 'Call', build: (ref) => `/audit?peek=${ref}` },
};

export const toFoundEntry = ({ kind, name, hint, ref }: Found): PaletteEntry => ({
  group: 'Found',
  label: name,
  hint: hint === '' ? KIND[kind].word : `${KIND[kind].word} · ${hint}`,
  path: KIND[kind].build(ref),
});

const matches = (label: string, text: string): boolean =>
  text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word));

export interface PaletteInput {
  text: string;
  can: (permission: Permission) => boolean;
  recent: readonly { label: string; path: string }[];
  found: readonly Found[];
}

/** What the palette offers: what was open lately while nothing is typed; else what is called so, places and actions. */
export function listPaletteEntries({ text, can, recent, found }: PaletteInput): PaletteEntry[] {
  const places = NAVIGATION.flatMap((group) => group.items).filter(({ needs }) => can(needs));
  const actions = ACTIONS.filter(({ needs }) => can(needs));
  return [
    ...(text === '' ? recent.map(({ label, path }) => ({ group: 'Recent' as const, label, hint: '', path })) : []),
    ...found.map(toFoundEntry),
    ...places
      .filter(({ label }) => matches(label, text))
      .map(({ label, path, key }) => ({ group: 'Go to' as const, label, hint: `G ${key.toUpperCase()}`, path })),
    ...actions
      .filter(({ label }) => matches(label, text))
      .map(({ label, path }) => ({ group: 'Do' as const, label, hint: '', path })),
  ];
}
