import { AdminLog } from '../../../../../features/receipt/admin-log.tsx';

export default function Page() {
  return <AdminLog />;
}
