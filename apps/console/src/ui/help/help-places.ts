/** Documents that the console has on it, by the names of their files in `docs`. */
export const HELP_DOCUMENTS = ['console', 'agent', 'operations', 'configuration'] as const;
export type HelpDocument = (typeof HELP_DOCUMENTS)[number];

/** A part of a document. */
export interface HelpPlace {
  document: HelpDocument;
  /** words of its heading */
  heading: string;
}

const toGuide = (heading: string): HelpPlace => ({ document: 'console', heading });

/** Where the help link of each page leads, by the page's folder below `src/app`. */
export const HELP = {
  '/': toGuide('Signing in'),
  '/login': toGuide('Signing in'),
  '/invitation': toGuide('Signing in'),
  '/reset': toGuide('A forgotten password'),
  '/reset/ask': toGuide('A forgotten password'),
  '/account': toGuide('Your account'),
  '/help/[document]': toGuide('The console'),
  '/t/[tenant]': toGuide('Overview'),
  '/t/[tenant]/reviews': toGuide('Reviews'),
  '/t/[tenant]/reviews/[id]': toGuide('Deciding a review'),
  '/t/[tenant]/audit': toGuide('Audit'),
  '/t/[tenant]/audit/admin': toGuide('Admin log'),
  '/t/[tenant]/audit/revocations': toGuide('Revocations'),
  '/t/[tenant]/profiles': toGuide('Profiles'),
  '/t/[tenant]/profiles/[slug]': toGuide('Building a profile'),
  '/t/[tenant]/profiles/[slug]/history': toGuide('Versions, and going back'),
  '/t/[tenant]/profiles/[slug]/connect': toGuide('Connecting an AI client'),
  '/t/[tenant]/publish-requests/[id]': toGuide('Agreeing to a new version'),
  '/t/[tenant]/connect': toGuide('Connecting an AI client'),
  '/t/[tenant]/access-requests': toGuide('Access requests'),
  '/t/[tenant]/servers': toGuide('Servers'),
  '/t/[tenant]/servers/new': toGuide('Adding a server'),
  '/t/[tenant]/servers/new/openapi': toGuide('Tools from an OpenAPI description'),
  '/t/[tenant]/servers/[slug]': toGuide('Servers'),
  '/t/[tenant]/servers/[slug]/edit': toGuide('Changing a server'),
  '/t/[tenant]/servers/[slug]/import': toGuide('Tools from an OpenAPI description'),
  '/t/[tenant]/sites': toGuide('Sites'),
  '/t/[tenant]/sites/[slug]': toGuide('Sites'),
  '/t/[tenant]/agents': toGuide('Agents'),
  '/t/[tenant]/agents/[id]': toGuide('Agents'),
  '/t/[tenant]/agents/new': toGuide('Installing an agent'),
  '/t/[tenant]/agents/tokens': toGuide('Installing an agent'),
  '/t/[tenant]/members': toGuide('Members and roles'),
  '/t/[tenant]/groups': toGuide('Groups'),
  '/t/[tenant]/groups/[id]': toGuide('Groups'),
  '/t/[tenant]/signing-keys': toGuide('Signing keys'),
  '/t/[tenant]/settings/general': toGuide('Settings of the workspace'),
} as const satisfies Record<string, HelpPlace>;

const countNames = (route: string): number => route.split('[').length;

/** Folders with brackets stand for any name, so those without come first. */
const PATTERNS = Object.entries(HELP)
  .toSorted(([a], [b]) => countNames(a) - countNames(b))
  .map(([route, place]) => ({ pattern: new RegExp(`^${route.replaceAll(/\[\w+\]/g, '[^/]+')}$`), place }));

/** What helps on the page at a path; the beginning of the guide for a path that is no page. */
export function findHelp(path: string): HelpPlace {
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.place ?? HELP['/help/[document]'];
}

/** The address here of what a document links to ("agent.md#memory"); null for what is not on the console. */
export function findDocument(href: string): string | null {
  const [, name, hash = ''] = /^(?:\.\/)?([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  const document = HELP_DOCUMENTS.find((each) => each === name);
  return document === undefined ? null : `/help/${document}${hash}`;
}

/** The address of a heading within its document, as GitHub makes it. */
export const toHeadingId = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
