'use client';

import type { Icon } from '@phosphor-icons/react';
import { CircleNotchIcon } from '@phosphor-icons/react/ssr';
import Link from 'next/link';
import { type ComponentProps, type ReactNode, useId } from 'react';

import { cn } from './cn.ts';
import { Tooltip } from './overlay/tooltip.tsx';

/** One primary per view. `danger` only inside a confirm dialog; `danger-quiet` is what opens it. */
export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger' | 'danger-quiet';
/** 28 px toolbar, 32 px default, 40 px sign-in, and all of them under a finger. */
export type ButtonSize = 'small' | 'default' | 'large';

interface Look {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** shown before the words */
  icon?: Icon;
}

const VARIANT: Record<ButtonVariant, string> = {
  primary: 'border-transparent bg-accent text-white hover:bg-accent-hover',
  secondary: 'border-kumo-line bg-surface text-fg shadow-[0_1px_1px_rgb(0_0_0/.04)] hover:bg-sunken',
  ghost: 'border-transparent text-muted hover:bg-active hover:text-fg',
  danger: 'border-transparent bg-danger text-white hover:brightness-95',
  'danger-quiet': 'border-kumo-line bg-surface text-danger-fg hover:bg-danger-bg',
};

/** Cannot be used now: grey, but as readable as the rest, since its words often say what is missing. */
const OFF = 'border-line bg-active text-muted shadow-none hover:bg-active hover:text-muted hover:brightness-100';

const SIZE: Record<ButtonSize, string> = {
  small: 'h-7 gap-1.5 px-2.5 text-xs pointer-coarse:h-10',
  default: 'h-8 gap-1.5 px-3 text-sm pointer-coarse:h-10',
  large: 'h-10 gap-2 px-4 text-base',
};

function getButtonClass({ variant = 'secondary', size = 'default' }: Look): string {
  return cn(
    'relative inline-flex max-w-full shrink-0 items-center justify-center rounded-control border font-medium whitespace-nowrap select-none',
    'transition-[background-color,color,opacity] active:opacity-90',
    'aria-disabled:cursor-not-allowed disabled:pointer-events-none',
    VARIANT[variant],
    SIZE[size],
  );
}

export interface ButtonProps extends ComponentProps<'button'>, Look {
  /** work is under way: shows a spinner, keeps the width, takes no clicks */
  loading?: boolean | undefined;
  /** why it cannot be used now. The button stays reachable and says so on hover and focus */
  disabledReason?: string | undefined;
}

/** Verb and object ("Publish version 3"), never "OK". */
export function Button(props: ButtonProps) {
  const {
    variant,
    size,
    icon: IconBefore,
    loading = false,
    disabledReason,
    disabled,
    className,
    children,
    onClick,
    ...rest
  } = props;
  const reasonId = useId();
  const refused = disabledReason !== undefined;
  const idle = !loading && !refused;
  const button = (
    <button
      type="button"
      {...rest}
      disabled={disabled}
      aria-disabled={idle ? undefined : true}
      aria-describedby={refused ? reasonId : rest['aria-describedby']}
      aria-busy={loading || undefined}
      onClick={(event) => (idle ? onClick?.(event) : event.preventDefault())}
      className={cn(getButtonClass({ variant, size }), (refused || disabled) && OFF, className)}
    >
      {loading && <CircleNotchIcon aria-hidden className={cn('animate-spin', !IconBefore && 'absolute')} size={14} />}
      {!loading && IconBefore && <IconBefore aria-hidden size={14} />}
      {/* Under a spinner that has no icon's place to take, the words stay for the width and for assistive technology. */}
      <span className={cn('min-w-0 truncate', loading && !IconBefore && 'opacity-0')}>{children}</span>
    </button>
  );
  if (!refused) return button;
  return (
    <>
      <Tooltip text={disabledReason}>{button}</Tooltip>
      <span id={reasonId} hidden>
        {disabledReason}
      </span>
    </>
  );
}

export interface LinkButtonProps extends Omit<ComponentProps<typeof Link>, 'href'>, Look {
  href: string;
}

/** Looks like a button, goes to a page. */
export function LinkButton({ variant, size, icon: IconBefore, className, children, ...rest }: LinkButtonProps) {
  return (
    <Link {...rest} className={cn(getButtonClass({ variant, size }), className)}>
      {IconBefore && <IconBefore aria-hidden size={14} />}
      {children}
    </Link>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** accessible name and tooltip */
  label: string;
  icon: ReactNode;
  /** `inline`: small, and in a line of text, which it makes no higher */
  size?: 'inline' | 'small' | 'default';
}

const ICON_SIZE = {
  inline: '-my-0.5 size-6 pointer-coarse:-my-2.5 pointer-coarse:size-10',
  small: 'size-6 pointer-coarse:size-10',
  default: 'size-8 pointer-coarse:size-10',
};

/** A square button whose name shows on hover and focus. */
export function IconButton({ label, icon, size = 'default', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cn(
          'inline-flex shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-active hover:text-fg',
          ICON_SIZE[size],
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
