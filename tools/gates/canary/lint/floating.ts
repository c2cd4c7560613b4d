// expect: typescript(no-floating-promises)
async function later(): Promise<number> {
  return 1;
}
export function start(): void {
  later();
}
