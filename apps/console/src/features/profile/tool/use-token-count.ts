'use client';

import { useEffect, useState } from 'react';

type Count = (text: string) => number;

let loading: Promise<Count> | undefined;

/** The vocabulary is large (2 MB), so it is fetched once and only by a page that shows a cost. */
async function loadCounter(): Promise<Count> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // A text that reads like one of the vocabulary's control tokens is text like any other.
  return (text) => countTokens(text, { disallowedSpecial: new Set() });
}

/** Counts tokens as one common model does (o200k); another model may differ by 10 to 20 %. Null until it is loaded, or when that failed. */
export function useTokenCount(): Count | null {
  const [count, setCount] = useState<Count | null>(null);
  useEffect(() => {
    let gone = false;
    loading ??= loadCounter();
    loading.then(
      (counter) => {
        if (!gone) setCount(() => counter);
      },
      () => {
        // A figure less on the screen; the next page that wants it tries again.
        loading = undefined;
      },
    );
    return () => {
      gone = true;
    };
  }, []);
  return count;
}
