// expect: gatehouse(function-starts-with-verb) thingName
// expect: gatehouse(function-starts-with-verb) thingCount
// expect: gatehouse(function-starts-with-verb) thingState
export interface Things {
  thingName(): string;
  thingCount: () => number;
  thingState?: (() => string) | null;
}
