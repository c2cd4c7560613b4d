import { pinOf } from '@gatehouse/policy/documents/canonical';
export { pinOf };
