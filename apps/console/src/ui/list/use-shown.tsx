import { type ReactNode, useState } from 'react';

import { Button } from '../button.tsx';

/** Rows that are made at a time where nobody says: each has its controls, and a server may offer thousands. */
const AT_A_TIME = 100;

/** The first of a list that is here as a whole, and the button for more of them; `more` is null once all are shown. */
export function useShown<Row>(rows: readonly Row[], atATime = AT_A_TIME): { shown: readonly Row[]; more: ReactNode } {
  const [most, setMost] = useState(atATime);
  const rest = rows.length - most;
  const more = rest > 0 && (
    <Button size="small" onClick={() => setMost(most + atATime)}>
      Show {Math.min(atATime, rest)} more of {rest.toLocaleString('en')}
    </Button>
  );
  return { shown: rows.slice(0, most), more: more || null };
}
