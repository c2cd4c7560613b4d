export const inside = 'modern';
