import type { Server } from '@gatehouse/db/client';

import type { Edit } from '../../edit-lock.ts';
import { ServiceError } from '../../errors.ts';

/** What raises the revision of a server. */
const ACTIONS = ['server.set_limits', 'server.update', 'server.change_connection'];

/** An edit of this server by somebody who saw the revision `seen`. */
export function toServerEdit<Values extends object>(
  { id }: Pick<Server, 'id'>,
  seen: number,
  readPresent: () => Values,
): Edit<Values> {
  return { kind: 'server', noun: 'server', id, seen, actions: ACTIONS, readPresent };
}

/** Throws `precondition` for what is archived: it stays as it is until somebody brings it back. */
export function refuseArchived({ name, archivedAt }: Pick<Server, 'name' | 'archivedAt'>): void {
  if (archivedAt !== null) throw new ServiceError('precondition', `${name} is archived. Restore it first.`);
}
