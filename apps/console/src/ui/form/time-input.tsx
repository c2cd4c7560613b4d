'use client';

import { useEffect, useRef } from 'react';

import { Input } from './input.tsx';

export interface TimeInputProps {
  /** accessible name: "From" */
  label: string;
  /** null: open */
  at: Date | null;
  onChange: (at: Date | null) => void;
}

/** What `datetime-local` reads and writes: the reader's zone, to the minute. */
function formatLocalTime(at: Date | null): string {
  if (!at) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** A minute in the reader's zone. It counts when it is left or with Enter: while it is typed, every digit makes another time. */
export function TimeInput({ label, at, onChange }: TimeInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const shown = useRef('');
  const time = at?.getTime();
  // Written in the browser: the server that renders the page first has another zone.
  useEffect(() => {
    shown.current = formatLocalTime(time === undefined ? null : new Date(time));
    if (input.current) input.current.value = shown.current;
  }, [time]);

  function take({ value, validity }: HTMLInputElement): void {
    if (validity.badInput || value === shown.current) return;
    onChange(value === '' ? null : new Date(value));
  }

  return (
    <Input
      ref={input}
      type="datetime-local"
      aria-label={label}
      size="small"
      className="w-44"
      onBlur={(event) => take(event.currentTarget)}
      onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget)}
    />
  );
}
