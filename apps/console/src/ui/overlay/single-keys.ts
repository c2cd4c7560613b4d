const KEPT = 'gatehouse.keys';
const OFF = 'off';

/** Whether single keys act in this browser: people who speak to their computer turn them off (WCAG 2.1.4). */
export function hasSingleKeys(): boolean {
  try {
    return window.localStorage.getItem(KEPT) !== OFF;
  } catch {
    return true;
  }
}

/** For this browser, until it is turned back. */
export function setKeysOn(isOn: boolean): void {
  try {
    if (isOn) window.localStorage.removeItem(KEPT);
    else window.localStorage.setItem(KEPT, OFF);
  } catch {
    // a browser that keeps nothing has them on
  }
}

/** True while the person writes, so that single keys mean letters. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** Whether a key that was pressed alone is to act. */
export function isSingleKey(event: KeyboardEvent): boolean {
  return !(event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) && hasSingleKeys();
}
