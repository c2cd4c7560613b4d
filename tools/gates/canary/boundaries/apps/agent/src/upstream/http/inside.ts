export const inside = 'http';
