// expect: gatehouse(verb-authorises-first) in its own body
interface Host {
  db: { count(table: string): Promise<number> };
}
export async function countThings(host: Host): Promise<number> {
  return host['db'].count('thing');
}
