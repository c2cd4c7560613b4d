// expect: gatehouse(mutation-is-authorised-and-audited)
declare function mutate(work: () => Promise<void>): Promise<void>;
export async function renameThing(): Promise<void> {
  await mutate(async () => undefined);
}
