import { type ReactNode, startTransition, useEffect, useState } from 'react';

import { Button } from '../button.tsx';

/** Rows that are made at a time where nobody says: each has its controls, and a server may offer thousands. */
const AT_A_TIME = 100;
/** Rows that are there at once, and how many come with each pause after: what the browser has to do is done between. */
const AT_ONCE = 10;

/** The first of a list that is here as a whole, and the button for more of them; `more` is null once all are shown. */
export function useShown<Row>(rows: readonly Row[], atATime = AT_A_TIME): { shown: readonly Row[]; more: ReactNode } {
  const [most, setMost] = useState(atATime);
  const made = useMade(Math.min(most, rows.length), AT_ONCE);
  const rest = rows.length - most;
  const more = rest > 0 && (
    <Button size="small" onClick={() => setMost(most + atATime)}>
      Show {Math.min(atATime, rest)} more of {rest.toLocaleString('en')}
    </Button>
  );
  return { shown: rows.slice(0, made), more: more || null };
}

/** How many of so many rows are made by now: a piece at once and each other one after the browser has done what waited. */
export function useMade(wanted: number, piece: number): number {
  const [made, setMade] = useState(piece);
  useEffect(() => {
    if (made < wanted) startTransition(() => setMade(made + piece));
  }, [made, wanted, piece]);
  return Math.min(made, wanted);
}
