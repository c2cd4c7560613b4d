export { handleApi as GET, handleApi as POST } from '../../../../../../server/api/handler.ts';
