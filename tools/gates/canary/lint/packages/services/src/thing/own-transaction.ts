// expect: gatehouse(verb-authorises-first) in its own body
interface Runtime {
  db: object;
}
interface Actor {
  id: string;
}
declare function runInTenant(db: object, tenantId: string, work: () => Promise<string>): Promise<string>;
export function getThing(runtime: Runtime, actor: Actor): Promise<string> {
  return runInTenant(runtime.db, actor.id, async () => 'thing');
}
