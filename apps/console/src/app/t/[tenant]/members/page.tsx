import type { Metadata } from 'next';

import { AllKeys } from '../../../../features/connect/all-keys.tsx';
import { MemberList } from '../../../../features/member/member-list.tsx';

export const metadata: Metadata = { title: 'Members' };

export default function MembersPage() {
  return (
    <div className="flex flex-col gap-8">
      <div>
        <MemberList />
      </div>
      <AllKeys />
    </div>
  );
}
