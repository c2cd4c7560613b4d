// expect: typescript(no-unsafe-argument)
// expect: typescript(no-unsafe-assignment)
// expect: typescript(no-unsafe-call)
// expect: typescript(no-unsafe-member-access)
// expect: typescript(no-unsafe-return)
export function trust(text: string): string {
  const parsed = JSON.parse(text);
  take(parsed);
  parsed.run();
  return parsed;
}
function take(_text: string): void {}
