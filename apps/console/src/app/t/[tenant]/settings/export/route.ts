export { handleExport as POST } from '../../../../../server/export.ts';
