import { redirect } from 'next/navigation';

interface Props {
  params: Promise<{ tenant: string; slug: string }>;
}

/** The history is a part of the profile's page; this is its address. */
export default async function Page({ params }: Props) {
  const { tenant, slug } = await params;
  redirect(`/t/${tenant}/profiles/${slug}?tab=history`);
}
