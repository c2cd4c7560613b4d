import type { KeptPlace } from '../../src/trpc/kept-place.ts';

/** A browser's storage, as much of it as is used. */
export function makePlace(): KeptPlace & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    get length() {
      return texts.size;
    },
    // the names are those of Storage
    // oxlint-disable-next-line gatehouse/function-starts-with-verb
    key: (index) => [...texts.keys()][index] ?? null,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  };
}
