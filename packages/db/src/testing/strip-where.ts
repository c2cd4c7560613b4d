import type { Database, PrismaClient } from '../client.ts';

/**
 * The same database with the `where` of every query forgotten (look-ups by a unique key keep it, they cannot be asked without one). What
 * runs on it as tenant A and shows or changes a row of tenant B would do so after the next forgotten condition.
 */
export function stripWhere(db: Database): Database {
  const careless = db.prisma.$extends({
    query: {
      $allModels: {
        $allOperations: ({ args, operation, query }) => {
          const byUniqueKey = /^(findUnique|findUniqueOrThrow|update|delete|upsert)$/.test(operation);
          return query(byUniqueKey || !args ? args : { ...args, where: undefined });
        },
      },
    },
  });
  // An extended client has every method of a plain one; its type only lacks the event methods.
  return { ...db, prisma: careless as unknown as PrismaClient };
}
