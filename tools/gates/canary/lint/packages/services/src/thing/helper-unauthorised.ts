// expect: gatehouse(verb-authorises-first) in its own body
declare function authorize(ctx: object, permission: string): void;
declare function read(ctx: object, work: () => Promise<string>): Promise<string>;
export function getThing(ctx: object): Promise<string> {
  authorize(ctx, 'thing.read');
  return findThing(ctx);
}
function findThing(ctx: object): Promise<string> {
  return read(ctx, async () => 'thing');
}
