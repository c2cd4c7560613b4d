// expect: pilot-knows-nothing-of-gatehouse
import { pinOf } from '@gatehouse/policy/documents/canonical';
export { pinOf };
