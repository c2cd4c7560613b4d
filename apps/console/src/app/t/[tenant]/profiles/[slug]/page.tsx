import type { Metadata } from 'next';

import { ProfileDuties } from '../../../../../features/owner/duties.tsx';
import { ProfilePage } from '../../../../../features/profile/profile-page.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).slug };
}

export default async function Page({ params }: Props) {
  const { slug } = await params;
  return <ProfilePage slug={slug} duties={<ProfileDuties slug={slug} />} />;
}
