// expect: gatehouse(function-starts-with-verb) thingOf
export function thingOf(): number {
  return 1;
}
