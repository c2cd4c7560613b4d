import { openDatabase } from '@gatehouse/db/client';
export { openDatabase };
