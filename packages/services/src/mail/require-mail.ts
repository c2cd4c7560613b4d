import { ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

/** Throws `precondition` in an installation that is told of no mail server. */
export function requireMail({ settings }: Pick<Runtime, 'settings'>): void {
  if (settings.sendsMail) return;
  throw new ServiceError(
    'precondition',
    'No mail is sent from here. An owner or admin of the workspace can make a link under Members.',
  );
}
