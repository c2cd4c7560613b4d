// expect: protocol-imports-policy-and-redaction-only
import { ServiceError } from '@gatehouse/services/errors';
export { ServiceError };
