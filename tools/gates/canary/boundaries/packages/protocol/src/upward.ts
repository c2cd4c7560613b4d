import { ServiceError } from '@gatehouse/services/errors';
export { ServiceError };
