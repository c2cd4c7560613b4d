/** The tones of the colours that a workspace may be given (`TenantColour` of services); each has one for light and one for dark pages. */
const TONES = {
  indigo: 'bg-(--chart-1)',
  teal: 'bg-(--chart-2)',
  amber: 'bg-(--chart-3)',
  pink: 'bg-(--chart-4)',
  green: 'bg-(--chart-5)',
  grey: 'bg-(--chart-6)',
} as const;
export type TenantColour = keyof typeof TONES;

/** What a workspace without a chosen colour may get. */
const MADE = ['indigo', 'teal', 'amber', 'pink', 'green'] as const satisfies readonly TenantColour[];

/** The class that colours what stands for a workspace, so that the wrong one is seen at a glance; made from the slug where nobody chose one. */
export function getTenantTone({ slug, colour }: { slug: string; colour: TenantColour | null }): string {
  return TONES[colour ?? makeColour(slug)];
}

function makeColour(slug: string): TenantColour {
  const mixed = Array.from(slug, (letter) => letter.charCodeAt(0)).reduce(
    (hash, code) => Math.imul(hash ^ code, 0x01000193),
    0x811c9dc5,
  );
  return MADE[(mixed >>> 16) % MADE.length] ?? 'indigo';
}
