// expect: leaves-import-nothing-of-ours
import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
export { encodeJoinToken };
