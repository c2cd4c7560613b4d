import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

import { PrismaClient } from './generated/client.ts';

export {
  AccessRequestState,
  AccountTokenKind,
  DiscoveryStatus,
  EntryKind,
  FindingVerdict,
  GroupSource,
  Outcome,
  Prisma,
  PublishRequestState,
  ReviewState,
  Risk,
  Role,
  Verdict,
} from './generated/client.ts';
export type {
  AccessRequest,
  AccountToken,
  AdminAudit,
  Agent,
  AgentStream,
  Authenticator,
  ClientKey,
  ConsoleSession,
  Discovery,
  EntryDecision,
  JoinToken,
  Mail,
  Membership,
  Passkey,
  Profile,
  PersonGroup,
  ProfileAccess,
  ProfileSite,
  ProfileVersion,
  PublishRequest,
  Receipt,
  Review,
  RevisionEntry,
  Server,
  ServerRevision,
  ServerSite,
  SigningKey,
  Site,
  Manifest,
  Snapshot,
  Tenant,
  User,
} from './generated/client.ts';
export type { PrismaClient };

export interface DatabaseOptions {
  /** the application role's URL */
  url: string;
  /** connections at most; a tenant transaction holds one */
  poolSize?: number;
  /** told about a connection that broke while idle; the pool replaces it by itself */
  onConnectionError?: (error: Error) => void;
}

export interface Database {
  prisma: PrismaClient;
  /** shared with `prisma`; for the few things that need plain SQL and no tenant */
  pool: pg.Pool;
  /** Waits for running queries, then closes every connection. */
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;

/** Opens a pool. Connects at the first query; nothing is checked here. Rows of tenants are read through `runInTenant` only. */
export function openDatabase({ url, poolSize = 10, onConnectionError = () => undefined }: DatabaseOptions): Database {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, connectionTimeoutMillis: CONNECT_MS });
  pool.on('error', onConnectionError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { onConnectionError }) });
  let closing: Promise<void> | undefined;
  const shutDown = async () => {
    await prisma.$disconnect();
    await pool.end();
  };
  return { prisma, pool, close: () => (closing ??= shutDown()) };
}
