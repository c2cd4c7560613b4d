export { isPublicAddress } from '@gatehouse/policy/public-address';
