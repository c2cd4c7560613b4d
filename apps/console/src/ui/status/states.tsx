'use client';

import type { Icon } from '@phosphor-icons/react';
import { ArrowClockwiseIcon, LockSimpleIcon, MagnifyingGlassIcon, WarningCircleIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { Button } from '../button.tsx';
import { cn } from '../cn.ts';
import { CopyText } from '../text/copy.tsx';

export interface EmptyStateProps {
  icon?: Icon;
  /** "No servers yet" */
  title: string;
  /** why it is empty and what the thing is for */
  children?: ReactNode;
  /** one action */
  action?: ReactNode;
}

/** Nothing here yet, why, and what to do. */
export function EmptyState({ icon: IconAbove, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      {IconAbove && <IconAbove aria-hidden size={28} className="mb-3 text-subtle" />}
      <h2 className="text-base font-semibold">{title}</h2>
      {children !== undefined && <div className="mt-1 max-w-[48ch] text-muted">{children}</div>}
      {action !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

interface ReadableError {
  message: string;
  /** id under which the cause stands in our log */
  reference: string | null;
  /** name of the field of the request that it is about */
  field: string | null;
  /** all but `failed`: trying again is of no use */
  kind: 'refused' | 'missing' | 'unusable' | 'failed';
}

const KIND_OF_CODE: Readonly<Record<string, ReadableError['kind']>> = {
  FORBIDDEN: 'refused',
  NOT_FOUND: 'missing',
  BAD_REQUEST: 'unusable',
  PRECONDITION_FAILED: 'unusable',
};

/** What may be shown of an error of the API; anything else becomes one neutral sentence. */
export function toReadableError(error: unknown): ReadableError {
  const data: unknown = typeof error === 'object' && error !== null && 'data' in error ? error.data : null;
  const readText = (name: string): string | null => {
    const value: unknown = typeof data === 'object' && data !== null ? Object.getOwnPropertyDescriptor(data, name)?.value : null;
    return typeof value === 'string' ? value : null;
  };
  const message =
    error instanceof Error && data ? error.message : 'The console did not answer. Check your connection and try again.';
  return {
    message,
    reference: readText('reference'),
    field: readText('field'),
    kind: KIND_OF_CODE[readText('code') ?? ''] ?? 'failed',
  };
}

export interface ErrorStateProps {
  /** as react-query gives it */
  error: unknown;
  /** "Agents could not be loaded" */
  title?: string;
  onRetry?: () => void;
  /** it stands in place of a whole page, so its title is that of the page */
  isPage?: boolean;
  className?: string;
}

const MARK = { refused: LockSimpleIcon, missing: MagnifyingGlassIcon, unusable: WarningCircleIcon, failed: WarningCircleIcon };
const HEADING = { refused: 'Your role does not include this', missing: 'Not found', unusable: null, failed: null };

/** What happened, what to do, and the reference to give to support. */
export function ErrorState({ error, title = 'This could not be loaded', onRetry, isPage, className }: ErrorStateProps) {
  const { message, reference, kind } = toReadableError(error);
  const failed = kind === 'failed';
  const Mark = MARK[kind];
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div role="alert" className={cn('flex flex-col items-center px-6 py-14 text-center', className)}>
      <Mark aria-hidden size={28} className={cn('mb-3', failed ? 'text-danger-fg' : 'text-subtle')} />
      <Title className="text-base font-semibold">{HEADING[kind] ?? title}</Title>
      <p className="mt-1 max-w-[56ch] text-muted">{message}</p>
      {reference !== null && failed && (
        <p className="mt-2 flex items-center gap-1.5 text-xs text-subtle">
          Reference <CopyText text={reference} label="reference" />
        </p>
      )}
      {onRetry && failed && (
        <Button className="mt-4" icon={ArrowClockwiseIcon} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export interface NotPermittedProps {
  /** "Installing an agent" */
  what: string;
  /** "owner or admin" */
  roles: string;
  /** then nobody does it */
  isStopped: boolean;
}

/** Says in advance that the role does not do this and who does, or that the workspace is stopped. */
export function NotPermitted({ what, roles, isStopped }: NotPermittedProps) {
  return isStopped ? (
    <EmptyState icon={LockSimpleIcon} title="This workspace is stopped">
      Until that ends, nothing in it can be changed.
    </EmptyState>
  ) : (
    <EmptyState icon={LockSimpleIcon} title="Your role does not include this">
      {what} needs the role {roles}. Ask an owner of the workspace.
    </EmptyState>
  );
}

/** An error in one line, for a form or a dialog. */
export function ErrorLine({ error, className }: { error: unknown; className?: string }) {
  const { message } = toReadableError(error);
  return (
    <p role="alert" className={cn('flex items-start gap-2 rounded-control bg-danger-bg px-3 py-2 text-danger-fg', className)}>
      <WarningCircleIcon aria-hidden size={16} className="mt-0.5 shrink-0" />
      <span className="min-w-0">{message}</span>
    </p>
  );
}

interface BarProps {
  className?: string;
}

/** A grey bar in the shape of what will come; it appears after 150 ms. It says nothing: what holds it tells that it is busy. */
export function Bar({ className }: BarProps) {
  return <span aria-hidden className={cn('block h-3.5 animate-appear rounded-chip bg-active', className)} />;
}

/** One thing that is on its way. It says so, because it may stand where a name will: in a link, in a cell. */
export function Skeleton({ className }: BarProps) {
  return (
    <span aria-busy className="block">
      <span className="sr-only">Loading</span>
      <Bar className={className} />
    </span>
  );
}

/** A table that is on its way: its head, and rows as high as they will be. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
      <div className="h-8 bg-sunken" />
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-8 items-center gap-6 px-4 pointer-coarse:h-10">
          <Bar className="w-1/4" />
          <Bar className="w-1/6" />
          <Bar className="ml-auto w-1/12" />
        </div>
      ))}
    </div>
  );
}

/** A whole page that is on its way: title and the line below it, as `PageHeader` sets them, then its content. */
export function SkeletonPage({ children }: { children?: ReactNode }) {
  return (
    <>
      <div className="mb-5">
        <div className="flex h-7 items-center">
          <Bar className="h-5 w-48" />
        </div>
        <div className="mt-0.5 flex h-5 items-center">
          <Bar className="w-72 max-w-full" />
        </div>
      </div>
      {children ?? <SkeletonRows />}
    </>
  );
}
