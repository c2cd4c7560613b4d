export { isPublicAddress } from '@gatehouse/network/public-address';
