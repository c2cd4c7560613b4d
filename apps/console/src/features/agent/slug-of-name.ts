const MAX = 40;

/** A short name for URLs: "Helsinki – Büro 2" becomes "helsinki-buro-2"; "site" when nothing is left. */
export function slugOfName(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX)
    .replaceAll(/^-+|-+$/g, '');
  return slug || 'site';
}
