/** How `useInfiniteQuery` goes from page to page of a list verb; what was shown stays while it is searched anew. */
export const LIST_PAGES = {
  getNextPageParam: ({ nextCursor }: { nextCursor: string | null }) => nextCursor,
  placeholderData: <T>(before: T | undefined): T | undefined => before,
};

/** The longest page that a list verb gives. */
export const LONGEST_PAGE = 200;
