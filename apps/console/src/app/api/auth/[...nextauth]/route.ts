export { handleAuth as GET, handleAuth as HEAD, handleAuth as POST } from '../../../../server/auth/handler.ts';
