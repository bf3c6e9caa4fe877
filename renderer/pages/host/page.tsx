import { PageHeader } from '../../shell/page-header.tsx'

export default function Page() {
  return <PageHeader title="Soon" />
}
