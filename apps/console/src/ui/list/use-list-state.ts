'use client';

import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

/** What is searched for in a list and in which order it is, as its address says. */
export interface ListState<Sort extends string = string> {
  search: string;
  setSearch: (search: string) => void;
  order: {
    by: Sort;
    /** null: the way that goes with it */
    direction: 'asc' | 'desc' | null;
    set: (order: { by: string; direction: 'asc' | 'desc' }) => void;
  };
  /** both as every list verb takes them */
  asked: { search?: string; sort: Sort; order?: 'asc' | 'desc' };
}

const DIRECTIONS = ['asc', 'desc'] as const;

/** Search and order of a list live in the address, like its filters: a view is a link, and Back restores it. A second list of a page has a `prefix` there. The first of `sorts` is its usual order. */
export function useListState<Sort extends string>(
  sorts: readonly [Sort, ...Sort[]],
  { prefix = '' }: { prefix?: string } = {},
): ListState<Sort> {
  const [{ q, sort, dir }, setState] = useQueryStates(
    { q: parseAsString.withDefault(''), sort: parseAsStringLiteral(sorts), dir: parseAsStringLiteral(DIRECTIONS) },
    { history: 'replace', urlKeys: { q: `${prefix}q`, sort: `${prefix}sort`, dir: `${prefix}dir` } },
  );
  const by = sort ?? sorts[0];
  return {
    search: q,
    setSearch: (next) => void setState({ q: next === '' ? null : next }),
    order: {
      by,
      direction: dir,
      set: (next) =>
        void setState({ sort: sorts.find((each) => each === next.by) ?? null, dir: next.direction }, { history: 'push' }),
    },
    asked: { ...(q !== '' && { search: q }), sort: by, ...(dir !== null && { order: dir }) },
  };
}
