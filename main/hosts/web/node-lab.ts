import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RPCHandler } from '@orpc/server/ws'
import { z } from 'zod'
import { createLab, forkEngine } from '../../lab/index.ts'

/** The lab as a door sees it: procedures to carry, and an end. */
export interface OpenLab {
  router: ConstructorParameters<typeof RPCHandler>[0]
  close(): Promise<void>
}

const MANIFEST = resolve(import.meta.dirname, '../../../package.json')

/**
 * The lab of `dataDir` in this process, its engine in a Node child process.
 * @throws LabError where the history cannot be opened.
 */
export async function openNodeLab(dataDir: string): Promise<OpenLab> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(MANIFEST, 'utf8')))
  return createLab({ dataDir, door: 'web', version, startEngine: (wishes) => forkEngine(undefined, wishes) })
}
