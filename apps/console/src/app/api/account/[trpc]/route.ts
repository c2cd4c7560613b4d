export { handleAccountApi as POST } from '../../../../server/api/handler.ts';
