/** T-04: a source is no test. */
export const answer = 42;
