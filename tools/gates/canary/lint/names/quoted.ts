// expect: gatehouse(function-starts-with-verb) thingName
export const things = { ['thingName']: (): string => 'thing', thingName: (): string => 'thing' };
