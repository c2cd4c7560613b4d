// expect: gatehouse(function-starts-with-verb) typed
export const typed = (() => 1) satisfies () => number;
