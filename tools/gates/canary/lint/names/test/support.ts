// expect: gatehouse(function-starts-with-verb) bearer
export function bearer(secret: string): object {
  return { authorization: `Bearer ${secret}` };
}
