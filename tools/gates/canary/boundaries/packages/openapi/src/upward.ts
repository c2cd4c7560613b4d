import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
export { encodeJoinToken };
