import { type RefObject, useEffect, useRef } from 'react';

/** Keeps the newest of a value, for what is called later than it was made. */
export function useNewest<T>(value: T): RefObject<T> {
  const newest = useRef(value);
  useEffect(() => {
    newest.current = value;
  });
  return newest;
}
