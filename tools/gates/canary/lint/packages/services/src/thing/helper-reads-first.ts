// expect: gatehouse(verb-authorises-first) before findThing()
declare function authorize(ctx: object, permission: string): void;
declare function read(ctx: object, work: () => Promise<string>): Promise<string>;
export async function getThing(ctx: object): Promise<string> {
  const thing = await findThing(ctx);
  authorize(ctx, 'thing.read');
  return thing;
}
async function findThing(ctx: object): Promise<string> {
  authorize(ctx, 'thing.read');
  return read(ctx, async () => 'thing');
}
