// expect: gatehouse(mutation-is-audited)
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: () => Promise<void>): Promise<void>;
export async function renameThing(ctx: object): Promise<void> {
  authorize(ctx, 'thing.manage');
  await mutate(ctx, async () => undefined);
}
