// expect: services-know-no-process-or-transport
import { readOrExit } from '@gatehouse/process/environment';
export { readOrExit };
