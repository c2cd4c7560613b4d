import { ServiceError } from '@gatehouse/services/errors';
import { two } from '../two/inside.ts';
import { Button } from '@cloudflare/kumo';
import { secret } from '../../server/secret.ts';
export { ServiceError, two, Button, secret };
