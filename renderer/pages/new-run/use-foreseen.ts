import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { LabFault } from '../../../main/contract/index.ts'
import { faultFrom } from '../../lab/fault.ts'
import { lab } from '../../lab-client.ts'
import type { SpecValues } from '../../spec-form/values.ts'

const PAUSE_MS = 400

/**
 * What the lab would refuse if these values were started now: what only the host, the engine or a file can tell. The last answer stands until the next
 * is there; null: nothing is known against them. Files come and go, so it is asked anew when the window is looked at again.
 */
export function useForeseen(values: SpecValues, valid: boolean): LabFault | null {
  const [spec] = useDebouncedValue(values, PAUSE_MS)
  const { data = null } = useQuery({
    queryKey: ['foreseen', spec],
    queryFn: () => lab.spec.validate({ spec }).then(() => null, faultFrom),
    enabled: valid && spec === values,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  })
  // One without a field is of the connection, which has a banner of its own.
  return valid && data?.field !== undefined ? data : null
}
