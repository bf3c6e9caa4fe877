import { createContext } from 'react'
import type { Mode } from '../../main/contract/index.ts'

/** Mode of the run a page shows: every instrument on it says so where it is a simulation. */
export const RunModeContext = createContext<Mode>('measure')
