// expect: gatehouse(function-starts-with-verb) thingCount
export const thingCount = (): number => 1;
