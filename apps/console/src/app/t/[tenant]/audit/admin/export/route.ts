export { handleAdminAuditExport as POST } from '../../../../../../server/export.ts';
