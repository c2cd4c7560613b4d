// expect: cli-knows-verbs-and-environments-only
import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
export { encodeJoinToken };
