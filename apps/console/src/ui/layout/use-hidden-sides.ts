import { type RefObject, useEffect, useState } from 'react';

/** At which sides more of a row is than is seen. `content` changes with what stands in it. */
export function useHiddenSides(row: RefObject<HTMLElement | null>, content: string): { before: boolean; after: boolean } {
  const [sides, setSides] = useState({ before: false, after: false });
  useEffect(() => {
    const box = row.current;
    if (!box) return;
    const measure = (): void => {
      // widths are rounded, positions are not
      const before = box.scrollLeft > 1;
      const after = box.scrollLeft + box.clientWidth < box.scrollWidth - 1;
      setSides((last) => (last.before === before && last.after === after ? last : { before, after }));
    };
    // also once at first
    const observer = new ResizeObserver(measure);
    for (const each of [box, ...box.children]) observer.observe(each);
    box.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', measure);
    };
  }, [row, content]);
  return sides;
}
