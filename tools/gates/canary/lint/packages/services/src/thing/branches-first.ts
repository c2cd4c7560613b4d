// expect: gatehouse(verb-authorises-first) before it branches
declare function authorize(ctx: object, permission: string): void;
declare function read(ctx: object, work: () => Promise<string>): Promise<string>;
export async function getThing(ctx: object, own: boolean): Promise<string> {
  if (own) return 'thing';
  authorize(ctx, 'thing.read');
  return read(ctx, async () => 'thing');
}
