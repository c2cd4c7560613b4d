// expect: eslint(no-debugger)
export function pause(): void {
  debugger;
}
