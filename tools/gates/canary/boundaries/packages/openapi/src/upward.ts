// expect: openapi-imports-policy-only
import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
export { encodeJoinToken };
