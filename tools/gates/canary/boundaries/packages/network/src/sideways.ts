// expect: leaves-import-nothing-of-ours
import { pinOf } from '@gatehouse/policy/documents/canonical';
export { pinOf };
