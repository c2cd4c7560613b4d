// expect: gatehouse(verb-authorises-first) in its own body
interface Database {
  prisma: { thing: { count(): Promise<number> } };
}
export async function countThings(db: Database): Promise<number> {
  return db.prisma.thing.count();
}
