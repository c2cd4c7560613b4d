'use client';

import { PlugsConnectedIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { useHere, usePath } from '../../trpc/use-path.ts';
import { cn } from '../../ui/cn.ts';
import { Tooltip } from '../../ui/overlay/tooltip.tsx';
import { COUNT_WORDS, findActiveItem, NAVIGATION, type NavItem } from './navigation.ts';
import { getCurrentTenant, TenantSwitcher } from './tenant-switcher.tsx';
import { UserMenu } from './user-menu.tsx';

export interface SidebarProps {
  collapsed: boolean;
  /** after a click on an entry: closes the drawer of narrow screens */
  onNavigate?: () => void;
}

/** Workspace, sections that the role may see, and the person. */
export function Sidebar({ collapsed, onNavigate }: SidebarProps) {
  const trpc = useTRPC();
  const path = usePath();
  const here = useHere();
  const { me, can, holds } = useMe();
  const needs = useQuery(trpc.overview.needs.queryOptions(undefined, { enabled: can('overview.read') }));
  if (!me) return null;
  const active = findActiveItem(here);
  const groups = NAVIGATION.map((group) => ({ ...group, items: group.items.filter(({ needs }) => holds(needs)) })).filter(
    ({ items }) => items.length > 0,
  );
  const connect = path('/connect');

  return (
    <div className="flex h-full flex-col gap-1 p-2">
      <TenantSwitcher current={getCurrentTenant(me)} tenants={me.tenants} collapsed={collapsed} />
      <nav aria-label="Sections" className="mt-2 flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto">
        {groups.map(({ label, items }) => (
          <div key={label ?? ''} className="flex flex-col gap-px">
            {label !== null && <p className={cn('px-2 pb-1 text-xs font-medium text-subtle', collapsed && 'sr-only')}>{label}</p>}
            {items.map((item) => (
              <Entry
                key={item.path}
                item={item}
                href={path(item.path)}
                current={item === active}
                collapsed={collapsed}
                count={item.count ? (needs.data?.sections[item.count] ?? 0) : 0}
                onNavigate={onNavigate}
              />
            ))}
          </div>
        ))}
        <div className="mt-auto">
          <EntryLink
            href={connect}
            label="Connect…"
            collapsed={collapsed}
            current={here === '/connect'}
            onNavigate={onNavigate}
            icon={<PlugsConnectedIcon aria-hidden size={16} />}
          />
        </div>
      </nav>
      <UserMenu name={me.name} email={me.email} role={me.role} collapsed={collapsed} />
    </div>
  );
}

interface EntryProps {
  item: NavItem;
  href: string;
  current: boolean;
  collapsed: boolean;
  count: number;
  onNavigate: (() => void) | undefined;
}

function Entry({ item, count, ...rest }: EntryProps) {
  const { label, icon: Picture, count: kind } = item;
  const words = kind && count > 0 ? COUNT_WORDS[kind].describe(count) : undefined;
  const trouble = kind !== undefined && COUNT_WORDS[kind].isTrouble;
  return (
    <EntryLink
      {...rest}
      label={label}
      words={words}
      trouble={trouble}
      icon={<Picture aria-hidden size={16} weight={rest.current ? 'fill' : 'regular'} />}
    >
      {words && (
        <span
          aria-hidden
          className={cn('flex items-center gap-1 text-xs tabular-nums', trouble ? 'text-danger-fg' : 'text-muted')}
        >
          {trouble && <span className="size-1.5 rounded-full bg-danger" />}
          {count}
        </span>
      )}
    </EntryLink>
  );
}

interface EntryLinkProps {
  href: string;
  label: string;
  /** said after the label */
  words?: string;
  /** colour of the dot that stands for `words` when folded */
  trouble?: boolean;
  icon: React.ReactNode;
  current: boolean;
  collapsed: boolean;
  onNavigate: (() => void) | undefined;
  children?: React.ReactNode;
}

function EntryLink({ href, label, words, trouble, icon, current, collapsed, onNavigate, children }: EntryLinkProps) {
  const link = (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={current ? 'page' : undefined}
      className={cn(
        'relative flex h-8 shrink-0 items-center gap-2.5 rounded-control px-2 text-muted transition-colors hover:bg-active hover:text-fg max-md:h-10',
        current && 'bg-active font-medium text-fg',
        collapsed && 'justify-center px-0',
      )}
    >
      {icon}
      <span className={collapsed ? 'sr-only' : 'flex-1 truncate'}>{label}</span>
      {words && <span className="sr-only">, {words}</span>}
      {collapsed
        ? words && (
            <span
              aria-hidden
              className={cn('absolute top-1 right-1.5 size-1.5 rounded-full', trouble ? 'bg-danger' : 'bg-accent')}
            />
          )
        : children}
    </Link>
  );
  if (!collapsed && !words) return link;
  return (
    <Tooltip side="right" text={words ? `${label}: ${words}` : label}>
      {link}
    </Tooltip>
  );
}
