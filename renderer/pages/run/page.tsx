import { PageHeader } from '../../shell/page-header.tsx'

export default function Page(_props: { id: string }) {
  return <PageHeader title="Soon" />
}
