/** A media type in lower case without its parameters. */
export function normalizeMediaType(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

/** What kind of content a media type stands for. */
export function getResponseKind(mediaType: string): 'json' | 'text' | 'image' | 'audio' | 'other' {
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return 'json';
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(mediaType)) return 'image';
  if (/^audio\/[a-z0-9.+-]+$/.test(mediaType)) return 'audio';
  const isText =
    mediaType.startsWith('text/') ||
    /^application\/(?:xml|yaml|x-yaml|toml|x-ndjson|jsonl|javascript)$/.test(mediaType) ||
    mediaType.endsWith('+xml');
  return isText ? 'text' : 'other';
}
