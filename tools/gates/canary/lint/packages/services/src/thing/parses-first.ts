// expect: gatehouse(verb-authorises-first) before parse()
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
declare const RenameThing: { parse(input: unknown): { name: string } };
export async function renameThing(ctx: object, input: unknown): Promise<string> {
  const { name } = RenameThing.parse(input);
  authorize(ctx, 'thing.manage');
  await mutate(ctx, (m) => m.audit());
  return name;
}
