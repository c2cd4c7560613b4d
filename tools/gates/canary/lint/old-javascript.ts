// expect: eslint(no-var)
// expect: eslint(prefer-const)
// expect: eslint(eqeqeq)
export var one = 1;
export function isTwo(value: unknown): boolean {
  let two = 2;
  return value == two;
}
