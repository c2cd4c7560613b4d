// expect: gatehouse(function-starts-with-verb) thingName
// expect: gatehouse(function-starts-with-verb) thingCount
export const things = {
  thingName: (): string => 'thing',
  thingCount(): number {
    return 1;
  },
};
