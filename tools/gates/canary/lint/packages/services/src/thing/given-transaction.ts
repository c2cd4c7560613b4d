// expect: gatehouse(verb-authorises-first) in its own body
interface ServiceContext {
  tenantId: string;
}
interface TenantTx {
  thing: { count(where: { tenantId: string }): Promise<number> };
}
export async function countThings({ ctx, tx }: { ctx: ServiceContext; tx: TenantTx }): Promise<number> {
  return tx.thing.count({ tenantId: ctx.tenantId });
}
