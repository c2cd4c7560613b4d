// expect: gatehouse(mutation-is-audited)
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
export async function renameThings(ctx: object): Promise<void> {
  authorize(ctx, 'thing.manage');
  await mutate(ctx, (m) => m.audit());
  await mutate(ctx, async () => undefined);
}
