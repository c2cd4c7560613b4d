import { pinOf } from '@gatehouse/policy/canonical';
export { pinOf };
