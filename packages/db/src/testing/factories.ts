import { createHash, randomBytes, randomUUID } from 'node:crypto';

import type {
  AccountToken,
  Agent,
  Database,
  JoinToken,
  Membership,
  Prisma,
  Profile,
  Server,
  Site,
  Tenant,
  User,
} from '../client.ts';
import { runInLookup, runInTenant } from '../tenant.ts';

type Overrides<T> = Partial<T>;

const makeUniqueName = (prefix: string) => `${prefix}-${randomBytes(5).toString('hex')}`;

/** A tenant of its own. Nothing else: no owner, no site. */
export function makeTenant(db: Database, overrides: Overrides<Tenant> = {}): Promise<Tenant> {
  const id = overrides.id ?? randomUUID();
  return runInTenant(db, id, (tx) =>
    tx.tenant.create({ data: { id, slug: makeUniqueName('tenant'), name: 'Acme', ...overrides } }),
  );
}

/** A person who proved an address and can be a member of several tenants; no password unless given. */
export async function makeUser(
  db: Database,
  { email = `${makeUniqueName('person')}@example.com`, ...overrides }: Overrides<User> & { email?: string } = {},
): Promise<User & { email: string }> {
  const userId = overrides.id ?? randomUUID();
  return runInLookup(db, { userId }, async (tx) => {
    const user = await tx.user.create({ data: { name: 'Ada Example', ...overrides, id: userId } });
    await tx.userEmail.create({ data: { email, userId, verifiedAt: new Date() } });
    return { ...user, email };
  });
}

/** Puts a person (made when not given) into a tenant, as owner unless another role is given; under an address of its own unless given. */
export async function makeMembership(db: Database, tenantId: string, overrides: Overrides<Membership> = {}): Promise<Membership> {
  const { email = `${makeUniqueName('person')}@example.com` } = overrides;
  const userId = overrides.userId ?? (await makeUser(db, { email })).id;
  const data = { role: 'owner', ...overrides, email, userId, tenantId } as const;
  return runInTenant(db, tenantId, (tx) => tx.membership.create({ data }));
}

/** An open invitation of a member for a day; the secret's hash is of random bytes unless given. */
export function makeAccountToken(db: Database, tenantId: string, overrides: Overrides<AccountToken> = {}): Promise<AccountToken> {
  const fresh = {
    kind: 'invitation',
    tokenHash: createHash('sha256').update(randomBytes(32)).digest('hex'),
    email: `${makeUniqueName('person')}@example.com`,
    role: 'member',
    expiresAt: new Date(Date.now() + 24 * 3_600_000),
  } as const;
  return runInTenant(db, tenantId, (tx) => tx.accountToken.create({ data: { ...fresh, ...overrides, tenantId } }));
}

/** A site without agents and snapshots. */
export function makeSite(db: Database, tenantId: string, overrides: Overrides<Site> = {}): Promise<Site> {
  return runInTenant(db, tenantId, (tx) =>
    tx.site.create({ data: { slug: makeUniqueName('site'), name: 'Helsinki', ...overrides, tenantId } }),
  );
}

/** An enrolled agent with a random public key, at a site that is made when not given. */
export async function makeAgent(
  db: Database,
  tenantId: string,
  overrides: Overrides<Omit<Agent, 'publicKey' | 'withheld' | 'aheadManifest' | 'labels'>> & { publicKey?: Buffer } = {},
): Promise<Agent> {
  const siteId = overrides.siteId ?? (await makeSite(db, tenantId)).id;
  const { publicKey = randomBytes(32), stdioEntries, serverHealth, ...rest } = overrides;
  const data = { name: makeUniqueName('agent'), ...rest, siteId, tenantId, publicKey: new Uint8Array(publicKey) };
  return runInTenant(db, tenantId, (tx) =>
    tx.agent.create({ data: { ...data, ...(stdioEntries ? { stdioEntries } : {}), ...(serverHealth ? { serverHealth } : {}) } }),
  );
}

/** A join token for an hour; the secret's hash is of random bytes unless given. */
export async function makeJoinToken(db: Database, tenantId: string, overrides: Overrides<JoinToken> = {}): Promise<JoinToken> {
  const siteId = overrides.siteId ?? (await makeSite(db, tenantId)).id;
  const tokenHash = overrides.tokenHash ?? createHash('sha256').update(randomBytes(32)).digest('hex');
  const fresh = { agentName: makeUniqueName('agent'), createdBy: randomUUID(), expiresAt: new Date(Date.now() + 3_600_000) };
  return runInTenant(db, tenantId, (tx) =>
    tx.joinToken.create({ data: { ...fresh, ...overrides, siteId, tokenHash, tenantId } }),
  );
}

/** An MCP server over HTTP that is reachable nowhere and has no revision. */
export function makeServer(
  db: Database,
  tenantId: string,
  { transport, ...overrides }: Overrides<Omit<Server, 'transport' | 'limits'>> & { transport?: Prisma.InputJsonValue } = {},
): Promise<Server> {
  const fresh = { slug: makeUniqueName('server'), name: 'Orders', purpose: 'Look up orders', createdBy: randomUUID() };
  const http = { kind: 'http', url: 'http://127.0.0.1:3030/mcp', credential: null };
  return runInTenant(db, tenantId, (tx) =>
    tx.server.create({ data: { ...fresh, ...overrides, transport: transport ?? http, tenantId } }),
  );
}

/** A profile with an empty draft that is served nowhere. */
export function makeProfile(
  db: Database,
  tenantId: string,
  { draft, ...overrides }: Overrides<Omit<Profile, 'draft'>> & { draft?: Prisma.InputJsonValue } = {},
): Promise<Profile> {
  const fresh = { slug: makeUniqueName('profile'), name: 'Order support', createdBy: randomUUID() };
  const empty = { entries: [], audit: 'durable' };
  return runInTenant(db, tenantId, (tx) =>
    tx.profile.create({ data: { ...fresh, ...overrides, draft: draft ?? empty, tenantId } }),
  );
}
