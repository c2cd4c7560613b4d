// expect: gatehouse(import-is-written-out)
const name = '@gatehouse/db/client';
export const open = (): Promise<unknown> => import(name);
