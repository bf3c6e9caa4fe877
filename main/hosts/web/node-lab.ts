import { LabError } from '../../contract/index.ts'
import type { OpenLab } from './serve.ts'

/** The lab of `dataDir` in this process, its engine in a Node child process. */
export async function openNodeLab(dataDir: string): Promise<OpenLab> {
  throw new LabError({ code: 'unavailable', message: `The lab of ${dataDir} cannot be opened yet.` })
}
