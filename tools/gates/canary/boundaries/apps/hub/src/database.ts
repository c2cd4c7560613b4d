// expect: db-only-behind-services
import { openDatabase } from '@gatehouse/db/client';
export { openDatabase };
