import { lab, queries, queryClient } from '../lab-client.ts'
import { navigate } from './hash-location.ts'
import { type Measurement, useWithConsent } from './with-consent.tsx'

export interface StartRequest extends Measurement {
  /** Which control asked. */
  from: string
}

/** Starts a run and shows it. */
export function useStartRun() {
  return useWithConsent({
    act: ({ spec, swapDir }: StartRequest, privileged) => lab.runs.start({ spec, swapDir, privileged }),
    onDone: ({ id }) => {
      void queryClient.invalidateQueries({ queryKey: queries.runs.key() })
      navigate(`/runs/${encodeURIComponent(id)}`)
    },
  })
}
