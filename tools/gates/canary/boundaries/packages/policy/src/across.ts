export const across = 1;
