import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import {
  advertisedPrompts,
  advertisedResources,
  advertisedTemplates,
  advertisedTools,
} from '@gatehouse/policy/compile/advertise';
import { contentHash } from '@gatehouse/policy/documents/canonical';
import {
  CataloguePrompt,
  CatalogueResource,
  CatalogueResourceTemplate,
  CatalogueTool,
  ProfileDraft,
  PublishedProfile,
} from '@gatehouse/policy/documents/profile';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '@gatehouse/policy/documents/definition';
import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { approvedItems } from '../snapshot/approved-items.ts';
import { approvedTools } from '../snapshot/approved-tools.ts';
import { catalogueItems } from '../snapshot/catalogue-items.ts';
import { catalogueTools, definitionsOf } from '../snapshot/catalogue-tools.ts';
import { findProfile, sitesOfProfile } from './find-profile.ts';
import { joinDraft } from './join-draft.ts';
import type { ToolProblem } from './problem.ts';
import { emptyDocument, publishedDocument } from './published-document.ts';
import { selectedOf } from './refuse-draft.ts';

export const PreviewTools = z.strictObject({
  profileId: z.uuid(),
  /** what would be served after publishing now, or what is served now */
  of: z.enum(['draft', 'published']).default('draft'),
});
export type PreviewTools = z.input<typeof PreviewTools>;

export interface ToolsPreview {
  /** the entries of `tools/list`, exactly as AI clients would get them. Untrusted text */
  tools: ToolDefinition[];
  /** the same of `prompts/list`, `resources/list` and `resources/templates/list` */
  prompts: PromptDefinition[];
  resources: ResourceDefinition[];
  resourceTemplates: ResourceTemplateDefinition[];
  /** bytes of the tools as JSON */
  bytes: number;
  /** to publish exactly this: `expected` of publishProfile */
  contentHash: string;
  /** what is selected but left out, and why: `toolName` is the server's own name or an address */
  problems: ({ serverSlug: string; toolName: string } & ToolProblem)[];
}

/** The very lists of a profile, made by the code that makes the served one. Throws `not_found`. */
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
    const items = catalogueItems(document, await approvedItems(tx, { tenantId, now }));
    return {
      tools,
      prompts: advertisedPrompts({ prompts: CataloguePrompt.array().parse(items.prompts) }),
      resources: advertisedResources({ resources: CatalogueResource.array().parse(items.resources) }),
      resourceTemplates: advertisedTemplates({
        resourceTemplates: CatalogueResourceTemplate.array().parse(items.resourceTemplates),
      }),
      bytes: Buffer.byteLength(JSON.stringify(tools)),
      contentHash: contentHash(document),
      problems,
    };
  });
}

interface Source {
  document: PublishedProfile;
  problems: ToolsPreview['problems'];
}

async function fromDraft(tx: TenantTx, profile: Profile, now: Date): Promise<Source> {
  const { tenantId, id } = profile;
  const draft = ProfileDraft.parse(profile.draft);
  const joined = await joinDraft(tx, { tenantId, now, siteIds: await sitesOfProfile(tx, tenantId, id) }, draft);
  const problems = selectedOf(joined).flatMap(({ serverSlug, toolName, problem }) =>
    problem ? [{ serverSlug, toolName, ...problem }] : [],
  );
  return { document: publishedDocument(profile, draft, joined), problems };
}

async function fromPublished(tx: TenantTx, profile: Profile): Promise<Source> {
  const { tenantId, id: profileId, publishedVersion } = profile;
  if (publishedVersion === null || profile.disabledAt !== null) {
    return { document: emptyDocument(profile), problems: [] };
  }
  const version = await tx.profileVersion.findUniqueOrThrow({
    where: { tenantId_profileId_number: { tenantId, profileId, number: publishedVersion } },
  });
  return { document: PublishedProfile.parse(version.document), problems: [] };
}
