import { native } from '../../../native-bench/index.ts'
import type { LiveLane } from '../../contract/index.ts'

/** Why live memory of a mode cannot be had here, and what helps; null where it can. */
export function liveMissing(mode: LiveLane['mode']): { reason: string; remedy: string } | null {
  const reason = native.liveProbe()[mode]
  if (reason === null) return null
  const lacks = reason.startsWith("this kernel's")
  return {
    reason,
    remedy: lacks
      ? mode === 'handler' && native.liveProbe().sigbus === null
        ? 'choose mode sigbus, or a newer kernel'
        : 'use Linux 6.7 or newer (6.8 for mode handler)'
      : 'a container has to allow userfaultfd (seccomp), a kernel to be built with CONFIG_USERFAULTFD',
  }
}
