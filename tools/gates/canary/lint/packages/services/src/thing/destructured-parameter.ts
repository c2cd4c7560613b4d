// expect: gatehouse(verb-authorises-first) in its own body
interface Host {
  prisma: { count(table: string): Promise<number> };
}
export async function countThings({ prisma: tables }: Host): Promise<number> {
  return tables.count('thing');
}
