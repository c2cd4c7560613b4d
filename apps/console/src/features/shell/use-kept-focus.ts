import { useEffect } from 'react';

/**
 * Where what had the focus goes away and the page stays (a button that archived, a banner that was answered), the focus would fall back to the
 * start of the document: it goes to the page's title instead. Where the page changes, the browser's own start is right.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: { element: Element; page: string } | null = null;
    const remember = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? { element: target, page: window.location.pathname } : null;
    };
    const keep = (): void => {
      if (last === null || last.element.isConnected || document.activeElement !== document.body) return;
      const isSamePage = last.page === window.location.pathname;
      last = null;
      const title = document.querySelector<HTMLElement>('main h1');
      if (isSamePage && title) title.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(keep);
    document.addEventListener('focusin', remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
}
