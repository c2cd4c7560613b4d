import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { advertisedTools } from '@gatehouse/policy/catalogue';
import { contentHash } from '@gatehouse/policy/canonical';
import { CatalogueTool, ProfileDraft, PublishedProfile } from '@gatehouse/policy/profile';
import type { ToolDefinition } from '@gatehouse/policy/tool-definition';
import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { approvedTools } from '../snapshot/approved-tools.ts';
import { catalogueTools, definitionsOf } from '../snapshot/catalogue-tools.ts';
import { findProfile, sitesOfProfile } from './find-profile.ts';
import { joinDraft, publishedTools } from './join-draft.ts';
import type { ToolProblem } from './tool-choices.ts';

export const PreviewTools = z.strictObject({
  profileId: z.uuid(),
  /** what would be served after publishing now, or what is served now */
  of: z.enum(['draft', 'published']).default('draft'),
});
export type PreviewTools = z.input<typeof PreviewTools>;

export interface ToolsPreview {
  /** the entries of `tools/list`, exactly as AI clients would get them. Untrusted text */
  tools: ToolDefinition[];
  /** bytes of the entries as JSON */
  bytes: number;
  /** to publish exactly this: `expected` of publishProfile */
  contentHash: string;
  /** selected tools that are left out, and why */
  problems: ({ serverSlug: string; toolName: string } & ToolProblem)[];
}

/** The very `tools/list` of a profile, made by the code that makes the served one. Throws `not_found`. */
export async function previewTools({ ctx, input }: { ctx: ServiceContext; input: PreviewTools }): Promise<ToolsPreview> {
  authorize(ctx, 'profile.read');
  const { profileId, of } = parseInput(PreviewTools, input);
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const profile = await findProfile(tx, tenantId, { profileId });
    const { document, problems } = of === 'draft' ? await fromDraft(tx, profile, now) : await fromPublished(tx, profile);
    const definitions = await definitionsOf(tx, tenantId, document.tools);
    const stored = catalogueTools(document.tools, await approvedTools(tx, { tenantId, now }), definitions);
    const tools = advertisedTools({ tools: CatalogueTool.array().parse(stored) });
    return { tools, bytes: Buffer.byteLength(JSON.stringify(tools)), contentHash: contentHash(document), problems };
  });
}

interface Source {
  document: PublishedProfile;
  problems: ToolsPreview['problems'];
}

async function fromDraft(tx: TenantTx, profile: Profile, now: Date): Promise<Source> {
  const { tenantId, id, name, description } = profile;
  const draft = ProfileDraft.parse(profile.draft);
  const joined = await joinDraft(tx, { tenantId, now, siteIds: await sitesOfProfile(tx, tenantId, id) }, draft);
  const problems = joined.flatMap(({ serverSlug, toolName, problem }) => (problem ? [{ serverSlug, toolName, ...problem }] : []));
  return { document: { name, description, audit: draft.audit, tools: publishedTools(joined) }, problems };
}

async function fromPublished(tx: TenantTx, profile: Profile): Promise<Source> {
  const { tenantId, id: profileId, name, description, publishedVersion } = profile;
  if (publishedVersion === null || profile.disabledAt !== null) {
    return { document: { name, description, audit: 'durable', tools: [] }, problems: [] };
  }
  const version = await tx.profileVersion.findUniqueOrThrow({
    where: { tenantId_profileId_number: { tenantId, profileId, number: publishedVersion } },
  });
  return { document: PublishedProfile.parse(version.document), problems: [] };
}
