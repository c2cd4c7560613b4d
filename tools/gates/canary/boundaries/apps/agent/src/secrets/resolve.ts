export const resolved = 'x';
