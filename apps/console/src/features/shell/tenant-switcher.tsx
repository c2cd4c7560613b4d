'use client';

import { CaretUpDownIcon } from '@phosphor-icons/react/ssr';

import { cn } from '../../ui/cn.ts';
import { getTenantTone } from '../../ui/entity/tenant-colour.ts';
import { type Tenant, TenantFace } from '../../ui/entity/tenant-face.tsx';
import { Menu, MenuLabel, MenuLink } from '../../ui/overlay/menu.tsx';

/** The workspace that is open, as it is called and looks. */
export function getCurrentTenant({ tenants, tenantSlug }: { tenants: readonly Tenant[]; tenantSlug: string }): Tenant {
  return (
    tenants.find(({ slug }) => slug === tenantSlug) ?? { slug: tenantSlug, name: tenantSlug, colour: null, environment: null }
  );
}

/** The line below the header, in the colour of the workspace. */
export function TenantBar({ tenant }: { tenant: Tenant }) {
  return <span aria-hidden data-tenant-bar className={cn('absolute inset-x-0 bottom-0 h-0.5', getTenantTone(tenant))} />;
}

export interface TenantSwitcherProps {
  current: Tenant;
  tenants: readonly Tenant[];
  collapsed: boolean;
}

/** The workspace that is open; with several, a menu to go to another. */
export function TenantSwitcher({ current, tenants, collapsed }: TenantSwitcherProps) {
  const face = <TenantFace tenant={current} collapsed={collapsed} />;
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
      {tenants.map(({ slug, name, environment }) => (
        <MenuLink key={slug} href={`/t/${slug}`} current={slug === current.slug}>
          {name}
          {environment !== null && <span className="ml-2 text-xs text-subtle">{environment}</span>}
        </MenuLink>
      ))}
    </Menu>
  );
}
