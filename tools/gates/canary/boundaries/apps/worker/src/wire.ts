// expect: worker-knows-no-web-or-wire
import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
export { encodeJoinToken };
