// expect: gatehouse(verb-authorises-first) before read()
declare function authorize(ctx: object, permission: string): void;
declare function read(ctx: object, work: () => Promise<string>): Promise<string>;
export async function getThing(ctx: object): Promise<string> {
  const thing = await read(ctx, async () => 'thing');
  authorize(ctx, 'thing.read');
  return thing;
}
