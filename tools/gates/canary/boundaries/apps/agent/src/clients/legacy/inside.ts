export const inside = 'legacy';
