// expect: console-services-only-in-its-server
import { ServiceError } from '@gatehouse/services/errors';
export { ServiceError };
