export const   badly = {a:1,
 b : 2}
