// expect: db-only-behind-services
export const open = () => import(`@gatehouse/db/client`);
