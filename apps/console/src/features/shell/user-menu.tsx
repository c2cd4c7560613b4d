'use client';

import { DesktopIcon, MoonIcon, SignOutIcon, SunIcon, UserIcon } from '@phosphor-icons/react/ssr';
import { useTheme } from 'next-themes';

import { signOutHere } from '../../trpc/sign-out.ts';
import { cn } from '../../ui/cn.ts';
import { Menu, MenuChoice, MenuItem, MenuLink, MenuSeparator } from '../../ui/overlay/menu.tsx';
import { useTimeZone } from '../../ui/text/time-zone.tsx';

const THEMES = [
  { value: 'system', label: 'As the system', icon: DesktopIcon },
  { value: 'light', label: 'Light', icon: SunIcon },
  { value: 'dark', label: 'Dark', icon: MoonIcon },
] as const;
type Theme = (typeof THEMES)[number]['value'];

const getInitials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

export interface UserMenuProps {
  name: string;
  email: string;
  role: string;
  collapsed: boolean;
}

/** Who is signed in, the theme, and the way out. */
export function UserMenu({ name, email, role, collapsed }: UserMenuProps) {
  const { theme, setTheme } = useTheme();
  const zone = useTimeZone();
  return (
    <Menu
      side="top"
      align="start"
      trigger={
        <button
          type="button"
          className="flex h-9 w-full items-center gap-2 rounded-control px-1.5 text-left transition-colors hover:bg-active"
        >
          <span
            aria-hidden
            className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent-bg text-[11px] font-semibold text-accent-fg"
          >
            {getInitials(name)}
          </span>
          <span className={cn('min-w-0 flex-1 truncate', collapsed && 'sr-only')}>{name}</span>
          <span className="sr-only">: account</span>
        </button>
      }
    >
      <div className="px-2 pt-1.5 pb-1">
        <p className="font-medium">{name}</p>
        <p className="text-xs text-subtle">
          {email} · <span className="capitalize">{role}</span>
        </p>
        {zone !== null && <p className="text-xs text-subtle">Times in {zone}</p>}
      </div>
      <MenuSeparator />
      <MenuChoice<Theme>
        label="Theme"
        value={THEMES.find(({ value }) => value === theme)?.value ?? 'system'}
        options={THEMES}
        onValueChange={setTheme}
      />
      <MenuSeparator />
      <MenuLink icon={UserIcon} href="/account">
        Account
      </MenuLink>
      <MenuItem icon={SignOutIcon} onClick={() => void signOutHere()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
