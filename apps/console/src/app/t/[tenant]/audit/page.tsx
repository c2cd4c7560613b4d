import { AuditPage } from '../../../../features/receipt/audit-page.tsx';

export default function Page() {
  return <AuditPage />;
}
