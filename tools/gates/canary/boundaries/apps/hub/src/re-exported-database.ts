// expect: db-only-behind-services
export { openDatabase as open } from '@gatehouse/db/client';
