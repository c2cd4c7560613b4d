// expect: agent-imports-no-control-plane
import { ServiceError } from '@gatehouse/services/errors';
export { ServiceError };
