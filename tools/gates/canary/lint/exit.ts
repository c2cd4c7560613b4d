// expect: unicorn(no-process-exit)
export function stop(): void {
  process.exit(1);
}
