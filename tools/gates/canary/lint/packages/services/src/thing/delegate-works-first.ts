// expect: gatehouse(verb-authorises-first) in its own body
declare function authorize(ctx: object, permission: string): void;
declare function parseName(text: string): string;
export function renameThing(ctx: object, text: string): string {
  return setName(ctx, parseName(text));
}
function setName(ctx: object, name: string): string {
  authorize(ctx, 'thing.edit');
  return name;
}
