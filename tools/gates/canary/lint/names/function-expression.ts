// expect: gatehouse(function-starts-with-verb) newestThing
export const newestThing = function (): number {
  return 1;
};
