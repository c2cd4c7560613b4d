import manifest from '../../../package.json' with { type: 'json' };

export function GET(): Response {
  return Response.json({ name: 'console', version: manifest.version }, { headers: { 'cache-control': 'no-store' } });
}

export const dynamic = 'force-dynamic';
