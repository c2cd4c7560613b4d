// expect: gatehouse(verb-authorises-first) in its own body
declare function mutate(ctx: object, work: (m: { audit: () => Promise<void> }) => Promise<void>): Promise<void>;
export const things = {
  async rename(ctx: object): Promise<void> {
    await mutate(ctx, (m) => m.audit());
  },
};
