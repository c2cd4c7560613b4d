'use client';

import { ListIcon, SidebarSimpleIcon, StackIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useKeptForOne } from '../../trpc/sign-out.ts';
import { useClock, useLive } from '../../trpc/use-live.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { IconButton, LinkButton } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { HelpLink } from '../../ui/help/help-link.tsx';
import { PageTitleContext } from '../../ui/layout/page-header.tsx';
import { Drawer } from '../../ui/overlay/drawer.tsx';
import { TimeZoneProvider } from '../../ui/text/time-zone.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { FindButton, useFinder } from './finder.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { Sidebar } from './sidebar.tsx';
import { StoppedBanner } from './stopped-banner.tsx';
import { getCurrentTenant, TenantBar, TenantSwitcher } from './tenant-switcher.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

/** Name of the cookie that keeps the sidebar folded, read by the layout so that nothing jumps. */
const SIDEBAR_COOKIE = 'gatehouse-sidebar';

export interface ShellProps {
  /** read on the server, so that the menu is right in the first paint */
  me: ApiOutput['me']['get'];
  sidebarCollapsed: boolean;
  children: ReactNode;
}

/** Everything around a page: sections, breadcrumb, live state. */
export function Shell({ me, sidebarCollapsed, children }: ShellProps) {
  const trpc = useTRPC();
  useQuery(trpc.me.get.queryOptions(undefined, { initialData: me }));
  const [title, setTitle] = useState<string | null>(null);
  const { me: current = me, can } = useMe();
  const live = useLive(me);
  const isBehind = useClock();
  useKeptForOne(me.userId);
  useKeptFocus();
  const Frame = can('overview.read') ? StaffFrame : MemberFrame;
  return (
    <TimeZoneProvider zone={current.timeZone}>
      <PageTitleContext value={setTitle}>
        <a
          href="#content"
          className="sr-only z-50 rounded-control bg-accent px-3 py-2 text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to the content
        </a>
        <Frame title={title} indicator={<LiveIndicator live={live} isBehind={isBehind} />} sidebarCollapsed={sidebarCollapsed}>
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 py-5 outline-none md:px-6 md:py-6">
            <StoppedBanner />
            {children}
          </main>
        </Frame>
      </PageTitleContext>
    </TimeZoneProvider>
  );
}

interface FrameProps {
  title: string | null;
  indicator: ReactNode;
  sidebarCollapsed: boolean;
  children: ReactNode;
}

function StaffFrame({ title, indicator, sidebarCollapsed, children }: FrameProps) {
  const { me, holds } = useMe();
  const finder = useFinder(title);
  const [collapsed, setCollapsed] = useState(sidebarCollapsed);
  const [drawerOpen, setDrawerOpen] = useState(false);

  function toggleSidebar(): void {
    const next = !collapsed;
    setCollapsed(next);
    document.cookie = `${SIDEBAR_COOKIE}=${next ? 'collapsed' : 'open'}; path=/; max-age=31536000; samesite=lax`;
  }
  useShortcuts({ can: holds, toggleSidebar, ...finder.open });

  return (
    <div className="flex min-h-dvh">
      <aside
        aria-label="Workspace"
        className={cn(
          'sticky top-0 h-dvh shrink-0 border-r border-line bg-canvas transition-[width] duration-200 max-md:hidden',
          collapsed ? 'w-14' : 'w-58',
        )}
      >
        <Sidebar collapsed={collapsed} />
      </aside>
      <Drawer open={drawerOpen} onOpenChange={setDrawerOpen} label="Menu">
        <Sidebar collapsed={false} onNavigate={() => setDrawerOpen(false)} />
      </Drawer>
      <div className="flex min-w-0 flex-1 flex-col [--sticky-top:3rem]">
        <header className="sticky top-0 z-20 flex h-12 shrink-0 items-center gap-2 border-b border-line bg-canvas px-4 md:pl-3">
          {me && <TenantBar tenant={getCurrentTenant(me)} />}
          <IconButton
            label="Menu"
            className="-ml-2 md:hidden"
            icon={<ListIcon size={18} />}
            onClick={() => setDrawerOpen(true)}
          />
          <IconButton
            label={collapsed ? 'Unfold the sidebar ([)' : 'Fold the sidebar ([)'}
            className="max-md:hidden"
            icon={<SidebarSimpleIcon size={16} />}
            onClick={toggleSidebar}
          />
          <Breadcrumbs title={title} />
          <FindButton onClick={finder.open.openPalette} />
          {indicator}
          <HelpLink className="-mr-2" />
        </header>
        {children}
      </div>
      {finder.shown}
    </div>
  );
}

/** A plain member sees one place, the profiles to connect to, and a way back to it. Nothing else is there, not even disabled. */
function MemberFrame({ title, indicator, children }: FrameProps) {
  const { me, holds } = useMe();
  const finder = useFinder(title);
  useShortcuts({ can: holds, ...finder.open });
  const path = usePath();
  return (
    <div className="flex min-h-dvh flex-col [--sticky-top:3rem]">
      <header className="sticky top-0 z-20 flex h-12 shrink-0 items-center gap-3 border-b border-line bg-canvas px-4">
        {me && (
          <>
            <TenantBar tenant={getCurrentTenant(me)} />
            <div className="min-w-0 flex-1">
              <div className="w-fit max-w-full">
                <TenantSwitcher current={getCurrentTenant(me)} tenants={me.tenants} collapsed={false} />
              </div>
            </div>
            <nav aria-label="Main" className="shrink-0">
              <LinkButton href={path('/connect')} variant="ghost" size="small" icon={StackIcon}>
                <span className="max-sm:sr-only">Your profiles</span>
              </LinkButton>
            </nav>
            <FindButton onClick={finder.open.openPalette} />
            {indicator}
            <div className="shrink-0">
              <UserMenu name={me.name} email={me.email} role={me.role} collapsed={false} />
            </div>
            <HelpLink className="-mr-2" />
          </>
        )}
      </header>
      {children}
      {finder.shown}
    </div>
  );
}
