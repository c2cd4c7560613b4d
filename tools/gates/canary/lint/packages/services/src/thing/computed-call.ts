// expect: gatehouse(verb-authorises-first) in its own body
interface Audit {
  mutate(work: () => Promise<void>): Promise<void>;
}
export async function renameThing(audit: Audit): Promise<void> {
  await audit[`mutate`](async () => undefined);
}
