import { gzipSync } from 'node:zlib';

import type { ServiceContext } from '@gatehouse/services/context';
import { previewOpenapi } from '@gatehouse/services/openapi/preview-openapi';
import { importOpenapi } from '@gatehouse/services/server/import-openapi';

import { LocalError } from '../settings.ts';

/** Imports every operation that can be a tool from a description on this machine, as somebody who downloads the file would. */
export async function importApi(ctx: ServiceContext, serverId: string, descriptionUrl: string): Promise<void> {
  const answer = await fetch(descriptionUrl);
  if (!answer.ok) throw new LocalError(`${descriptionUrl} answered with HTTP ${answer.status}.`);
  const source = { kind: 'file' as const, gzip: gzipSync(await answer.text()).toString('base64') };
  const { textHash, operations } = await previewOpenapi({ ctx, input: { source } });
  const keys = operations.filter(({ problem }) => problem === null).map(({ key }) => key);
  await importOpenapi({ ctx, input: { serverId, source, textHash, operations: keys } });
}
