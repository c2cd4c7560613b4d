// expect: gatehouse(verb-authorises-first) in its own body
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
export async function renameThing(ctx: object, own: boolean): Promise<void> {
  if (!own) authorize(ctx, 'thing.manage');
  await mutate(ctx, (m) => m.audit());
}
