// expect: gatehouse(verb-authorises-first) in its own body
declare function read(ctx: object, work: () => Promise<string>): Promise<string>;
export function getThing(ctx: object): Promise<string> {
  return read(ctx, async () => 'thing');
}
