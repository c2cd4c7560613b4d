'use client';

import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';

import { SearchField } from '../form/search-field.tsx';
import { isSingleKey } from '../overlay/single-keys.ts';

/** The database is asked once the typing rests for this long, milliseconds. */
const REST_MS = 200;

export interface ListSearchProps {
  /** accessible name: "Search servers" */
  label: string;
  placeholder: string;
  value: string;
  onValueChange: (value: string) => void;
  /** for whoever sends the focus there */
  ref?: RefObject<HTMLInputElement | null>;
  className?: string;
}

/** What is typed stands there at once; the list follows when the typing rests. "/" goes there. */
export function ListSearch({ label, placeholder, value, onValueChange, ref, className }: ListSearchProps) {
  const own = useRef<HTMLInputElement>(null);
  const input = ref ?? own;
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  // Back and "Clear" change it from elsewhere
  if (sent !== value) {
    setSent(value);
    setText(value);
  }
  const send = useEffectEvent((next: string) => {
    setSent(next);
    onValueChange(next);
  });
  useEffect(() => {
    if (text === sent) return;
    const timer = setTimeout(() => send(text.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [text, sent]);
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.key !== '/' || !isSingleKey(event)) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, [input]);
  return <SearchField ref={input} value={text} onValueChange={setText} {...{ label, placeholder, className }} />;
}
