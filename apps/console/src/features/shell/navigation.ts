import type { Icon } from '@phosphor-icons/react';
import {
  ChartBarIcon,
  ClipboardTextIcon,
  DesktopTowerIcon,
  GearSixIcon,
  HandWavingIcon,
  HardDrivesIcon,
  KeyIcon,
  ListMagnifyingGlassIcon,
  MapPinIcon,
  ProhibitIcon,
  SealCheckIcon,
  StackIcon,
  UsersIcon,
  UsersThreeIcon,
} from '@phosphor-icons/react/ssr';

import type { Permission } from '../../trpc/use-me.ts';
import { isId } from '../../ui/text/is-id.ts';

export interface NavItem {
  label: string;
  /** below the tenant */
  path: string;
  icon: Icon;
  /** without it the entry is absent, not disabled */
  needs: Permission;
  /** second key of the "G …" shortcut */
  key: string;
  /** which number of what needs somebody stands beside it */
  count?: keyof typeof COUNT_WORDS;
}

/** What a number beside an entry says, and whether it stands for trouble. */
export const COUNT_WORDS = {
  reviews: { describe: (count: number) => `${count} waiting for a decision`, isTrouble: false },
  profiles: { describe: (count: number) => `${count} not served as published`, isTrouble: true },
  servers: { describe: (count: number) => `${count} not reached`, isTrouble: true },
  agents: { describe: (count: number) => `${count} in trouble`, isTrouble: true },
} as const;

export interface NavGroup {
  label: string | null;
  items: readonly NavItem[];
}

export const NAVIGATION: readonly NavGroup[] = [
  {
    label: null,
    items: [
      { label: 'Overview', path: '/', icon: ChartBarIcon, needs: 'overview.read', key: 'o' },
      {
        label: 'Reviews',
        path: '/reviews',
        icon: SealCheckIcon,
        needs: 'review.read',
        key: 'r',
        count: 'reviews',
      },
      { label: 'Audit', path: '/audit', icon: ListMagnifyingGlassIcon, needs: 'receipt.read', key: 'a' },
    ],
  },
  {
    label: 'Build',
    items: [
      { label: 'Profiles', path: '/profiles', icon: StackIcon, needs: 'profile.read', key: 'p', count: 'profiles' },
      { label: 'Access requests', path: '/access-requests', icon: HandWavingIcon, needs: 'profile.publish', key: 'q' },
      { label: 'Servers', path: '/servers', icon: HardDrivesIcon, needs: 'server.read', key: 's', count: 'servers' },
      { label: 'Sites', path: '/sites', icon: MapPinIcon, needs: 'site.read', key: 'i' },
      { label: 'Agents', path: '/agents', icon: DesktopTowerIcon, needs: 'agent.read', key: 'f', count: 'agents' },
    ],
  },
  {
    label: 'Manage',
    items: [
      { label: 'Members', path: '/members', icon: UsersIcon, needs: 'member.read', key: 'm' },
      { label: 'Groups', path: '/groups', icon: UsersThreeIcon, needs: 'group.read', key: 'g' },
      { label: 'Admin log', path: '/audit/admin', icon: ClipboardTextIcon, needs: 'admin_audit.read', key: 'l' },
      { label: 'Revocations', path: '/audit/revocations', icon: ProhibitIcon, needs: 'revocation.read', key: 'v' },
      { label: 'Signing keys', path: '/signing-keys', icon: KeyIcon, needs: 'signing_key.read', key: 'k' },
      { label: 'Settings', path: '/settings/general', icon: GearSixIcon, needs: 'tenant.read', key: 'e' },
    ],
  },
];

const ITEMS = NAVIGATION.flatMap((group) => group.items);

/** What has no entry of its own, and in whose part it is. */
const WITHIN = [{ path: '/publish-requests', of: '/profiles' }];

function toListed(path: string): string {
  const within = WITHIN.find((part) => path.startsWith(`${part.path}/`));
  return within ? `${within.of}${path.slice(within.path.length)}` : path;
}

/** The entry that a path below the tenant belongs to: the longest that it starts with. */
export function findActiveItem(at: string): NavItem | undefined {
  const path = toListed(at);
  const below = (item: NavItem): boolean => path === item.path || (item.path !== '/' && path.startsWith(`${item.path}/`));
  return ITEMS.filter(below).toSorted((a, b) => b.path.length - a.path.length)[0];
}

export interface Crumb {
  label: string;
  /** below the tenant; absent for the page itself */
  path?: string;
}

const WORDS: Record<string, string> = {
  new: 'New',
  openapi: 'OpenAPI',
  import: 'Import',
  edit: 'Edit',
  connect: 'Connect',
  tokens: 'Join tokens',
  '': 'Overview',
};

/** Where a path below the tenant is. `name` is that of the object whose id or slug stands below the section, once it is known. */
export function getCrumbs(at: string, name: string | null): Crumb[] {
  const path = toListed(at);
  const section = findActiveItem(path);
  const parts = path
    .slice(section?.path.length ?? 0)
    .split('/')
    .filter((part) => part !== '');
  const start = section ? [{ label: section.label, path: section.path }] : [];
  const rest = parts.map((part, index) => ({
    label: WORDS[part] ?? ((section && index === 0 && name) || (isId(part) ? '…' : part)),
    path: (section?.path === '/' ? '' : (section?.path ?? '')) + '/' + parts.slice(0, index + 1).join('/'),
  }));
  const all: Crumb[] = [...start, ...rest];
  return all.map((crumb, index) => (index === all.length - 1 ? { label: crumb.label } : crumb));
}
