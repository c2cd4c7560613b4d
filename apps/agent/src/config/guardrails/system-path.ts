import { normalize } from 'node:path';

/** Whether a path is in what the system makes up of itself: /proc, /sys or /dev. */
export function isOfSystem(path: string): boolean {
  return /^\/(?:proc|sys|dev)(?:\/|$)/.test(normalize(path));
}
