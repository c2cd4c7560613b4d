// expect: gatehouse(mutation-is-audited)
declare function authorize(ctx: object, permission: string): void;
declare function mutate(ctx: object, work: () => Promise<void>, options?: { audited: boolean }): Promise<void>;
export const renameThing = async (ctx: object): Promise<void> => {
  authorize(ctx, 'thing.manage');
  await mutate(ctx, async () => undefined, { audited: true });
};
