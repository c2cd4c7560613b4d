'use client';

import { CaretUpDownIcon } from '@phosphor-icons/react/ssr';

import { cn } from '../../ui/cn.ts';
import { Menu, MenuLabel, MenuLink } from '../../ui/overlay/menu.tsx';

interface Tenant {
  slug: string;
  name: string;
}

const COLOURS = ['bg-(--chart-1)', 'bg-(--chart-2)', 'bg-(--chart-3)', 'bg-(--chart-4)', 'bg-(--chart-5)'];

/** A colour that stays with the workspace, so that the wrong one is seen at a glance. */
export function getTenantColour(slug: string): string {
  const mixed = Array.from(slug, (letter) => letter.charCodeAt(0)).reduce(
    (hash, code) => Math.imul(hash ^ code, 0x01000193),
    0x811c9dc5,
  );
  return COLOURS[(mixed >>> 16) % COLOURS.length] ?? 'bg-accent';
}

/** The workspace that is open, with its name. */
export function getCurrentTenant({ tenants, tenantSlug }: { tenants: readonly Tenant[]; tenantSlug: string }): Tenant {
  return tenants.find(({ slug }) => slug === tenantSlug) ?? { slug: tenantSlug, name: tenantSlug };
}

export interface TenantSwitcherProps {
  current: Tenant;
  tenants: readonly Tenant[];
  collapsed: boolean;
}

/** The workspace that is open; with several, a menu to go to another. */
export function TenantSwitcher({ current, tenants, collapsed }: TenantSwitcherProps) {
  const face = (
    <>
      <span
        aria-hidden
        className={cn(
          'flex size-6 shrink-0 items-center justify-center rounded-control text-xs font-semibold text-canvas',
          getTenantColour(current.slug),
        )}
      >
        {current.name.charAt(0).toUpperCase()}
      </span>
      <span className={cn('min-w-0 flex-1 truncate text-left font-semibold', collapsed && 'sr-only')}>{current.name}</span>
    </>
  );
  const shape = 'flex h-9 w-full items-center gap-2 rounded-control px-1.5';
  if (tenants.length < 2) return <div className={shape}>{face}</div>;
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"

          className={cn(shape, 'transition-colors hover:bg-active')}
        >
          {face}
          <span className="sr-only">: switch workspace</span>
          {!collapsed && <CaretUpDownIcon aria-hidden size={14} className="text-subtle" />}
        </button>
      }
    >
      <MenuLabel>Workspaces</MenuLabel>
      {tenants.map(({ slug, name }) => (
        <MenuLink key={slug} href={`/t/${slug}`} current={slug === current.slug}>
          {name}
        </MenuLink>
      ))}
    </Menu>
  );
}
