// expect: gatehouse(function-starts-with-verb) callOf
export const callOf = (name: string): object => ({ method: name });
