// expect: gatehouse(verb-authorises-first) in its own body
interface ServiceContext {
  tenantId: string;
}
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
export const renameThing = async ({ ctx }: { ctx: ServiceContext }): Promise<void> => {
  await mutate(ctx, (m) => m.audit());
};
