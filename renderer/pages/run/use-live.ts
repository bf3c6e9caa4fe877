import { useEffect, useState } from 'react'
import type { LabFault, Progress } from '../../../main/contract/index.ts'
import { backoffMs } from '../../lab/backoff.ts'
import { faultFrom, isWorthRetrying } from '../../lab/fault.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { isUnderWay } from '../../shell/run-status.tsx'
import { appendLive, type LivePoint } from './live-samples.ts'

export interface Live {
  progress: Progress | null
  points: readonly LivePoint[]
  fault: LabFault | null
}

const NOTHING: Live = { progress: null, points: [], fault: null }

/** What was drawn of the last runs watched, so that coming back to the page does not start from nothing. */
const remembered = new Map<string, readonly LivePoint[]>()
const REMEMBERED_RUNS = 4

function remember(id: string, points: readonly LivePoint[]): void {
  remembered.delete(id)
  remembered.set(id, points)
  const [oldest] = remembered.keys()
  if (remembered.size > REMEMBERED_RUNS) remembered.delete(oldest)
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Watches a run at the lab's own pace (once a second), reopens the watch when it is lost, and asks for the report at the end. */
export function useLive(id: string): Live {
  const [live, setLive] = useState<Live>(() => ({ ...NOTHING, points: remembered.get(id) ?? [] }))

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    void watch(id, signal, setLive)
    return () => controller.abort()
  }, [id])

  return live
}

async function watch(id: string, signal: AbortSignal, show: (live: Live) => void): Promise<void> {
  let points = remembered.get(id) ?? []
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      let previous: number | null = null
      for await (const progress of await lab.runs.watch({ id }, { signal })) {
        if (signal.aborted) return
        attempt = 0
        points = appendLive(points, progress, previous)
        previous = progress.elapsedMs
        remember(id, points)
        show({ progress, points, fault: progress.fault ?? null })
        if (isUnderWay(progress)) continue
        await queryClient.invalidateQueries({ queryKey: queries.runs.key() })
        return
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isWorthRetrying(error)) {
        show({ progress: null, points, fault: faultFrom(error) })
        return
      }
    }
    await pause(backoffMs(attempt), signal)
  }
}
