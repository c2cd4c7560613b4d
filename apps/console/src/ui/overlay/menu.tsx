'use client';

import { Menu as Primitive } from '@cloudflare/kumo/primitives/menu';
import type { Icon } from '@phosphor-icons/react';
import { CheckIcon } from '@phosphor-icons/react/ssr';
import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';

import { cn } from '../cn.ts';

const ITEM =
  'flex h-8 pointer-coarse:h-10 cursor-default items-center gap-2 rounded-control px-2 text-sm outline-none select-none data-disabled:opacity-50 data-highlighted:bg-active';

export interface MenuProps {
  /** the button that opens it */
  trigger: ReactElement;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'bottom' | 'right';
  /** MenuItem, MenuLink, MenuLabel, MenuSeparator, MenuChoice */
  children: ReactNode;
}

/** Actions behind one button. */
export function Menu({ trigger, align = 'end', side = 'bottom', children }: MenuProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger render={trigger} />
      <Primitive.Portal>
        <Primitive.Positioner side={side} align={align} sideOffset={4} className="z-50">
          <Primitive.Popup className="max-h-(--available-height) min-w-44 overflow-y-auto rounded-card border border-kumo-line bg-surface p-1 shadow-overlay transition-opacity outline-none data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export interface MenuItemProps {
  icon?: Icon;
  tone?: 'default' | 'danger';
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export function MenuItem({ icon: IconBefore, tone = 'default', disabled, onClick, children }: MenuItemProps) {
  return (
    <Primitive.Item disabled={disabled} onClick={onClick} className={cn(ITEM, tone === 'danger' && 'text-danger-fg')}>
      {IconBefore && <IconBefore aria-hidden size={16} />}
      {children}
    </Primitive.Item>
  );
}

export interface MenuLinkProps {
  href: string;
  icon?: Icon;
  /** marks the page or workspace that is open now */
  current?: boolean;
  children: ReactNode;
}

export function MenuLink({ href, icon: IconBefore, current, children }: MenuLinkProps) {
  return (
    <Primitive.LinkItem closeOnClick render={<Link href={href} />} aria-current={current ? 'true' : undefined} className={ITEM}>
      {IconBefore && <IconBefore aria-hidden size={16} />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {current && <CheckIcon aria-hidden size={14} />}
    </Primitive.LinkItem>
  );
}

export interface MenuChoiceProps<T extends string> {
  /** heading of the choice */
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: Icon }[];
  onValueChange: (value: T) => void;
}

/** One of a few settings, inside a menu. */
export function MenuChoice<T extends string>({ label, value, options, onValueChange }: MenuChoiceProps<T>) {
  return (
    <Primitive.RadioGroup value={value} onValueChange={(next: T) => onValueChange(next)}>
      <MenuLabel>{label}</MenuLabel>
      {options.map(({ value: option, label: words, icon: IconBefore }) => (
        <Primitive.RadioItem key={option} value={option} closeOnClick={false} className={ITEM}>
          {IconBefore && <IconBefore aria-hidden size={16} />}
          <span className="flex-1">{words}</span>
          <Primitive.RadioItemIndicator>
            <CheckIcon aria-hidden size={14} />
          </Primitive.RadioItemIndicator>
        </Primitive.RadioItem>
      ))}
    </Primitive.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-xs text-subtle">{children}</div>;
}

export function MenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-line" />;
}
