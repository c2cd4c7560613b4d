import { readFileSync } from 'node:fs';

/** A user of this machine, as its own table of users has it. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/** Null when there is no such user. */
export function findSystemUser(name: string, table = '/etc/passwd'): SystemUser | null {
  for (const line of readFileSync(table, 'utf8').split('\n')) {
    const [known, , uid = '', gid = ''] = line.split(':');
    if (known === name && /^\d+$/.test(uid) && /^\d+$/.test(gid)) return { uid: Number(uid), gid: Number(gid) };
  }
  return null;
}
