// expect: typescript(switch-exhaustiveness-check)
export function name(kind: 'a' | 'b'): string {
  switch (kind) {
    case 'a':
      return 'a';
  }
  return '';
}
