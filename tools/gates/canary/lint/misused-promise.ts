// expect: typescript(no-misused-promises)
export function wait(list: string[]): void {
  list.forEach(async () => {
    await Promise.resolve();
  });
}
