import { z } from 'zod';

import type { DescribedOperation } from '@gatehouse/openapi/read-description';
import type { CatalogueEntry } from '@gatehouse/policy/documents/catalogue-entry';
import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import {
  type Credential,
  type CredentialPlace,
  getCredentialPlace,
  listCredentials,
  ServerFeatures,
  ServerTransport,
} from '@gatehouse/policy/documents/snapshot';
import { describeProblem } from '@gatehouse/policy/limits/entry-limits';
import { isRival } from '@gatehouse/policy/names/parameter-name';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { openRevision } from '../discovery/open-revision.ts';
import { sortEntries } from '../discovery/sort-entries.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { DescriptionSource, loadDescription } from '../openapi/description-source.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { refuseArchived } from './edit/server-edit.ts';
import { lockServer } from './require-server.ts';
import { listServerSiteIds } from './sites.ts';

export const ImportOpenapi = z.strictObject({
  serverId: z.uuid(),
  source: DescriptionSource,
  /** of the preview; another description by now is refused */
  textHash: Sha256,
  /** keys of the operations that become tools: method and path template */
  operations: z.array(z.string().min(1).max(2_000)).min(1).max(5_000),
});
export type ImportOpenapi = z.input<typeof ImportOpenapi>;

export interface ImportedOpenapi {
  revisionId: string;
  revision: number;
  /** false: the newest revision already says the same */
  isNew: boolean;
  /** the review that waits for a decision; null when everything was decided before */
  openReviewId: string | null;
  tools: number;
  /** sentences on what is never sent, because the credential of this server is sent under its name */
  warnings: string[];
}

/**
 * Makes a revision of a REST server from chosen operations of its description. New and changed tools wait for a review and are off; what
 * is not chosen any more is off at once. Throws `precondition` for a server that is no REST API, `conflict` when the description is not the
 * previewed one, `invalid` when an operation cannot be a tool, `not_found`.
 */
export async function importOpenapi({ ctx, input }: { ctx: ServiceContext; input: ImportOpenapi }): Promise<ImportedOpenapi> {
  authorize(ctx, 'server.create');
  const { serverId, source, textHash, operations } = parseInput(ImportOpenapi, input);
  const { tenantId } = ctx;
  const loaded = await loadDescription(source, tenantId);
  if (loaded.textHash !== textHash) {
    throw new ServiceError(
      'conflict',
      'The description has changed since you looked at it. Read it again and check your choice.',
    );
  }
  const { title, version, openapi } = loaded.description;
  const tools = await toToolEntries(loaded.description.operations, operations);

  return mutate(ctx, async (mutation) => {
    const server = await lockServer(mutation.tx, tenantId, serverId);
    refuseArchived(server);
    const transport = ServerTransport.parse(server.transport);
    if (transport.kind !== 'rest') {
      throw new ServiceError('precondition', `${server.name} is an MCP server: an agent finds out what it offers.`);
    }
    const opened = await openRevision(mutation, {
      tenantId,
      now: ctx.runtime.now(),
      serverId,
      requestedBy: getActorId(ctx.actor),
      watch: null,
      found: {
        protocolVersion: `openapi ${openapi}`,
        serverInfo: { name: title, version },
        features: ServerFeatures.parse({}),
      },
      entries: tools,
    });
    const { revisionId, number: revision, isNew, openReviewId } = opened;
    // a tool that is not offered any more, or is another by now, is off everywhere from here on
    if (isNew) {
      const siteIds = await listServerSiteIds(mutation.tx, tenantId, serverId);
      await writeConfigurations(mutation, ctx, siteIds, 'server.import', { catalogue: true });
    }
    await mutation.audit({
      action: 'server.import_openapi',
      entityType: 'server',
      entityId: serverId,
      after: {
        revisionId,
        revision,
        newRevision: isNew,
        reviewId: openReviewId,
        tools: tools.length,
        source: describeSource(source),
        textHash,
      },
    });
    mutation.signal('server', serverId);
    if (isNew && openReviewId) mutation.signal('review', openReviewId);
    const warnings = listUnsentArguments(tools, transport.credential);
    return { revisionId, revision, isNew, openReviewId, tools: tools.length, warnings };
  });
}

/** The admin log keeps the host of a URL: the rest of it may hold a secret. */
function describeSource(source: z.output<typeof DescriptionSource>): string {
  return source.kind === 'file' ? 'file' : (URL.parse(source.url)?.host ?? 'url');
}

/** The rule by which the agent leaves an argument out of a request beside what it sends itself under that name. */
function listUnsentArguments(tools: readonly CatalogueEntry[], credential: Credential | null): string[] {
  const own = listOwnNames(credential);
  return tools.flatMap((tool) => {
    const operation = tool.kind === 'tool' ? findRestOperation(tool.definition) : null;
    return (operation?.parameters ?? []).flatMap(({ in: place, name }) => {
      const rival = own.find((each) => each.in === place && isRival(name, each.name));
      if (!rival) return [];
      const what = rival.isSecret
        ? `the credential of this server is sent as ${rival.name}`
        : `this server is sent a fixed ${rival.name}`;
      return [`${operation?.method} ${operation?.path}: its ${place} parameter "${name}" is never sent, because ${what}.`];
    });
  });
}

/** What every request carries beside the parameters of its operation. */
function listOwnNames(credential: Credential | null): (CredentialPlace & { isSecret: boolean })[] {
  const fixed = credential?.kind === 'several' ? credential.headers : [];
  return [
    ...listCredentials(credential).map((each) => ({ ...getCredentialPlace(each), isSecret: true })),
    ...fixed.map(({ name }) => ({ in: 'header' as const, name, isSecret: false })),
  ];
}

async function toToolEntries(described: readonly DescribedOperation[], chosen: readonly string[]): Promise<CatalogueEntry[]> {
  const wanted = new Set(chosen);
  const operations = described.filter(({ key }) => wanted.has(key));
  const known = new Set(operations.map(({ key }) => key));
  const unknown = chosen.find((key) => !known.has(key));
  if (unknown !== undefined) throw new ServiceError('invalid', `The description has no operation ${unknown.slice(0, 200)}.`);
  const lost = operations.find(({ tool }) => tool === null);
  if (lost) throw new ServiceError('invalid', `${lost.key} cannot be a tool, because ${lost.problem ?? 'it cannot be mapped'}.`);
  const { accepted, refused } = await sortEntries(
    operations.flatMap(({ tool }) => (tool ? [{ kind: 'tool' as const, definition: tool.definition }] : [])),
  );
  const [first] = refused;
  if (first) throw new ServiceError('invalid', `${first.name} cannot be a tool, because ${describeProblem(first)}.`);
  return accepted;
}
