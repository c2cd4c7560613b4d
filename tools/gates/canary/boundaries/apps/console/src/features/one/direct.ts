// expect: console-services-only-in-its-server
// expect: console-client-never-imports-server
// expect: console-features-stay-apart
// expect: console-component-library-only-in-ui
import { Button } from '@cloudflare/kumo';

import { ServiceError } from '@gatehouse/services/errors';

import { secret } from '../../server/secret.ts';
import { two } from '../two/inside.ts';
export { Button, ServiceError, secret, two };
