export const inside = 'config';
