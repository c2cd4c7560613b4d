/** What of a click is looked at. */
export type LeavingClick = Pick<MouseEvent, 'button' | 'metaKey' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'defaultPrevented'>;

/** What of the link that was clicked is looked at. */
export interface LeavingLink {
  /** whole */
  href: string;
  target: string;
  isDownload: boolean;
}

/** Where a click leads within the console, away from the page at `here`; null where the page and what was typed on it stay. */
export function findWayOut(click: LeavingClick, link: LeavingLink, here: string): string | null {
  const isPlain = click.button === 0 && !click.metaKey && !click.ctrlKey && !click.shiftKey && !click.altKey;
  if (!isPlain || click.defaultPrevented || link.isDownload || !['', '_self'].includes(link.target)) return null;
  const from = new URL(here);
  const to = new URL(link.href, here);
  // another origin is no page of the console: there the browser asks by itself
  if (to.origin !== from.origin || (to.pathname === from.pathname && to.search === from.search)) return null;
  return `${to.pathname}${to.search}${to.hash}`;
}

/** Asks, and leaves when that is the answer. */
type Ask = (leave: () => void) => void;

const asking: Ask[] = [];

/** Lets `ask` come before every way out of the page, until what this returns is called. */
export function guardLeaving(ask: Ask): () => void {
  asking.push(ask);
  return () => void asking.splice(asking.indexOf(ask), 1);
}

/** Goes; asks before where something is typed that would be lost. For what goes by itself, without a link. */
export function leaveBy(leave: () => void): void {
  const ask = asking.at(-1);
  if (ask) ask(leave);
  else leave();
}
