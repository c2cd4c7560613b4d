'use client';

import { CheckIcon, CopyIcon } from '@phosphor-icons/react/ssr';
import { Fragment, type ReactNode, useEffect, useState } from 'react';

import { IconButton, type IconButtonProps } from '../button.tsx';
import { cn } from '../cn.ts';
import { withBreaks } from './break-points.tsx';

export interface CopyButtonProps {
  text: string;
  /** in the place of `text`, for what depends on the moment */
  getText?: () => string;
  /** what is copied: "Copy command" */
  label: string;
  onCopied?: () => void;
  size?: IconButtonProps['size'];
  className?: string;
}

const SHOW_MS = 2_000;

/** Copies, shows a tick and tells assistive technology "Copied". */
export function CopyButton({ text, getText, label, onCopied, size = 'small', className }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOW_MS);
    return () => clearTimeout(timer);
  }, [state]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(getText?.() ?? text);
      setState('copied');
      onCopied?.();
    } catch {
      // The browser refused (no permission, or plain HTTP): the text stays selectable, and the button says so.
      setState('failed');
    }
  }

  const said = { idle: '', copied: 'Copied', failed: 'The browser refused. Select the text and copy it.' }[state];
  return (
    <>
      <IconButton
        label={state === 'idle' ? label : said}
        size={size}
        className={className}
        onClick={() => void copy()}
        icon={state === 'copied' ? <CheckIcon className="text-ok-fg" size={14} /> : <CopyIcon size={14} />}
      />
      <output className="sr-only">{said}</output>
    </>
  );
}

export interface CodeBoxProps {
  /** exactly what is copied */
  code: string;
  /** what it is: "Install command" */
  label: string;
  /** parts to hide on the screen; they are copied all the same */
  mask?: readonly string[];
  onCopied?: () => void;
  className?: string;
}

const FLAG_OR_ADDRESS = /((?<=^|\s)--?\w[\w-]*|https?:\/\/[^\s'"]+)/u;

/** A flag stays whole, an address goes on after one of its parts. */
function wrapCode(code: string): ReactNode {
  return code.split(FLAG_OR_ADDRESS).map((part, index) => {
    // what is split by stands at the odd places
    if (index % 2 === 0) return part;
    if (!part.startsWith('-')) return <Fragment key={index}>{withBreaks(part)}</Fragment>;
    return (
      <span key={index} className="whitespace-nowrap">
        {part}
      </span>
    );
  });
}

/** A command or snippet to copy. Wraps; long words break. */
export function CodeBox({ code, label, mask = [], onCopied, className }: CodeBoxProps) {
  const shown = mask.reduce((text, secret) => text.replaceAll(secret, `${secret.slice(0, 11)}${'•'.repeat(12)}`), code);
  return (
    <figure aria-label={label} className={cn('group relative rounded-card border border-line bg-sunken', className)}>
      <pre className="overflow-x-auto py-2.5 pr-11 pl-3 pointer-coarse:pr-12 font-mono text-sm wrap-anywhere whitespace-pre-wrap">
        <code>{wrapCode(shown)}</code>
      </pre>
      <CopyButton
        text={code}
        label={`Copy ${label.toLowerCase()}`}
        onCopied={onCopied}
        // under a finger as high as a box of one line
        className="absolute top-2 right-2 bg-sunken pointer-coarse:top-0 pointer-coarse:right-0"
      />
    </figure>
  );
}

export interface CopyTextProps {
  text: string;
  /** what it is: "agent id" */
  label: string;
  className?: string;
}

/** An id or URL in a line of text, with a copy button. All of it is shown: it goes on in the next line. */
export function CopyText({ text, label, className }: CopyTextProps) {
  return (
    <span className={cn('inline-flex max-w-full items-center gap-1', className)}>
      <span className="min-w-0 font-mono text-xs wrap-anywhere">{withBreaks(text)}</span>
      <CopyButton text={text} label={`Copy ${label}`} size="inline" />
    </span>
  );
}
