import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { listCredentials, ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { findSecretParameter } from '@gatehouse/policy/names/secret-parameter';
import { identifyUpstream } from '@gatehouse/policy/upstream';
import { isSecretSetting } from '@gatehouse/redaction/secret-setting';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { chooseSlug, createNameTakenError, createSlugTakenError, NewSlug } from '../slug.ts';
import { findCredentialProblem } from './credential-problem.ts';
import { NewServerLimits } from './new-server-limits.ts';
import { requireSites } from './sites.ts';

export const CreateServer = z.strictObject({
  name: createNameSchema(80),
  /** left out: made from the name */
  slug: NewSlug.optional(),
  transport: ServerTransport.superRefine((transport, check) => {
    const sent = transport.kind === 'stdio' ? null : findCredentialProblem(transport.credential);
    if (sent) check.addIssue({ code: 'custom', path: ['credential', sent.field], message: sent.message });
    for (const [path, url] of listAddresses(transport)) {
      const written = URL.parse(url);
      // the transport's own rule has said that this is no address
      if (!written) continue;
      const problem =
        findTextProblem(url) ?? findSecretProblem(written) ?? (path[0] === 'baseUrl' ? findQueryProblem(written) : null);
      if (problem) check.addIssue({ code: 'custom', path, message: problem });
    }
  }),
  /** "What will people use it for?", for the reviewer */
  purpose: z.string().trim().min(1).max(500),
  /** how long it may take; left out: the defaults */
  limits: NewServerLimits.optional(),
  /** sites whose agents reach it */
  siteIds: z.array(z.uuid()).min(1).max(100),
});
export type CreateServer = z.input<typeof CreateServer>;

/**
 * Registers an upstream server. Nothing of it is callable until a discovery was reviewed. Throws `conflict` when the slug, or a name without
 * one, is taken.
 */
export async function createServer({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: CreateServer;
}): Promise<{ id: string; slug: string }> {
  authorize(ctx, 'server.create');
  const { name, transport, purpose, siteIds, limits, ...given } = parseInput(CreateServer, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal }) => {
    await requireSites(tx, tenantId, siteIds);
    const slug = given.slug ?? (await chooseSlug(name, 'server', (start) => listNamed(tx, tenantId, name, start)));
    const [id, auditId] = [randomUUID(), createActId()];
    const subject = { entityType: 'server', entityId: id };
    await audit({
      id: auditId,
      action: 'server.create',
      ...subject,
      after: { slug, name, transport, siteIds, ...(limits && { limits }) },
    });
    const { count } = await tx.server.createMany({
      data: [
        {
          tenantId,
          id,
          slug,
          name,
          transport,
          upstream: identifyUpstream(transport),
          purpose,
          createdBy: getActorId(ctx.actor),
          auditId,
          ...(limits && { limits, limitsAuditId: auditId }),
        },
      ],
      skipDuplicates: true,
    });
    if (count === 0) throw given.slug ? createSlugTakenError(slug) : createNameTakenError(name, 'server');
    await tx.serverSite.createMany({ data: [...new Set(siteIds)].map((siteId) => ({ tenantId, serverId: id, siteId })) });
    signal('server', id);
    return { id, slug };
  });
}

/** The servers that one of this name could be taken for. */
async function listNamed(tx: TenantTx, tenantId: string, name: string, start: string) {
  return tx.server.findMany({
    where: { tenantId, OR: [{ slug: { startsWith: start } }, { name }] },
    select: { slug: true, name: true },
  });
}

/** Every address that a transport names, with its place. */
function listAddresses(transport: ServerTransport): [path: string[], url: string][] {
  if (transport.kind === 'stdio') return [];
  const { credential } = transport;
  return [
    transport.kind === 'http' ? [['url'], transport.url] : [['baseUrl'], transport.baseUrl],
    ...listCredentials(credential).flatMap((each): [string[], string][] =>
      each.kind === 'client_credentials' ? [[['credential', 'tokenUrl'], each.tokenUrl]] : [],
    ),
  ];
}

/** The paths of operations are appended to it. */
function findQueryProblem(url: URL): string | null {
  return url.search === '' ? null : 'Take the part after ? out of the base URL: operations have their own parameters';
}

/** People copy the address as it was written: nothing in it may act on a terminal or turn text round. */
function findTextProblem(text: string): string | null {
  return /[\p{C}\s]/u.test(text) ? 'Take blanks and characters that cannot be seen out of the URL' : null;
}

/** The console only ever keeps the name of a secret, so a URL that carries one is refused. */
function findSecretProblem(url: URL): string | null {
  if (url.username !== '' || url.password !== '') return 'Take name and password out of the URL and use a credential reference';
  if (url.hash !== '') return 'Take the part after # out of the URL';
  const parameter = findSecretParameter(url) ?? [...url.searchParams].find(([name, value]) => isSecretSetting(name, value))?.[0];
  return parameter ? `The URL parameter "${parameter}" looks like a secret: use a credential reference` : null;
}
