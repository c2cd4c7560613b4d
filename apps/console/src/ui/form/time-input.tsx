'use client';

import { useEffect, useRef } from 'react';

import { useTimeZone } from '../text/time-zone.tsx';
import { fromFieldText, toFieldText } from '../text/zone.ts';
import { Input } from './input.tsx';

export interface TimeInputProps {
  /** accessible name: "From" */
  label: string;
  /** null: open */
  at: Date | null;
  onChange: (at: Date | null) => void;
}

/** A minute in the zone in which the reader reads times. It counts when it is left or with Enter: while it is typed, every digit makes another time. */
export function TimeInput({ label, at, onChange }: TimeInputProps) {
  const input = useRef<HTMLInputElement>(null);
  const shown = useRef('');
  const time = at?.getTime();
  const zone = useTimeZone();
  // Written in the browser: the server that renders the page first may not know the zone.
  useEffect(() => {
    shown.current = time === undefined || zone === null ? '' : toFieldText(new Date(time), zone);
    if (input.current) input.current.value = shown.current;
  }, [time, zone]);

  function take({ value, validity }: HTMLInputElement): void {
    if (validity.badInput || value === shown.current || zone === null) return;
    onChange(fromFieldText(value, zone));
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
