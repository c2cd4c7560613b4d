// expect: gatehouse(verb-authorises-first) before mutate()
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
export async function renameThing(ctx: object): Promise<void> {
  await mutate(ctx, (m) => m.audit());
  authorize(ctx, 'thing.manage');
}
