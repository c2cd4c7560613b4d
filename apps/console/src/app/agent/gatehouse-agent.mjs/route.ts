import { readAgentBundle, BUNDLE_NAME } from '../../../server/agent-bundle.ts';

/** The agent for `curl`: public, because it holds nothing of anybody. Its SHA-256 stands in the install command and in Repr-Digest. */
export async function GET(): Promise<Response> {
  const bundle = await readAgentBundle();
  if (!bundle)
    return new Response('This console has no agent bundle. Set GATEHOUSE_AGENT_BUNDLE to its path.\n', { status: 404 });
  const digest = Buffer.from(bundle.sha256, 'hex').toString('base64');
  return new Response(bundle.bytes, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(bundle.bytes.length),
      'content-disposition': `attachment; filename="${BUNDLE_NAME}"`,
      'repr-digest': `sha-256=:${digest}:`,
      digest: `sha-256=${digest}`,
      etag: `"${bundle.sha256}"`,
      'cache-control': 'no-cache',
    },
  });
}
