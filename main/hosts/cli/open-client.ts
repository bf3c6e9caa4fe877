import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRouterClient, ORPCError, type RouterClient } from '@orpc/server'
import { LabError, LabFault } from '../../contract/index.ts'
import type { LabRouter } from '../../lab/index.ts'

export type Client = RouterClient<LabRouter>

const MANIFEST = resolve(import.meta.dirname, '../../../package.json')

export function swaplabVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(MANIFEST, 'utf8'))
  return manifest.version
}

/** The lab's door, loaded when a command needs it: `--help` works where the addon has not been built yet. */
export async function labDoor() {
  try {
    return await import('../../lab/index.ts')
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('native addon is not built'))
      throw new LabError(
        {
          code: 'unavailable',
          message: 'The native addon is not built yet.',
          remedy: 'Run "npm run build:native" once (it needs g++ and make).',
        },
        { cause: error },
      )
    throw error
  }
}

/** The lab of a data folder in this process, and its end. */
export async function openClient(
  dataDir: string,
  { lookOnly }: { lookOnly?: boolean } = {},
): Promise<{ client: Client; close: () => Promise<void> }> {
  const { createLab, forkEngine } = await labDoor()
  // Another engine entry is for tests: it speaks the engine's messages and measures nothing.
  const entry = process.env.SWAPLAB_ENGINE
  const lab = await createLab({
    dataDir,
    door: 'cli',
    lookOnly,
    version: swaplabVersion(),
    startEngine: (wishes) => forkEngine(entry, wishes),
  })
  return { client: createRouterClient(lab.router), close: lab.close }
}

/** What the lab threw, as the LabError it stands for. */
export function unwrap(error: unknown): unknown {
  if (!(error instanceof ORPCError) || error.code !== 'LAB') return error
  const fault = LabFault.safeParse(error.data)
  return fault.success ? new LabError(fault.data, { cause: error }) : error
}

/** How the lab writes figures for a person. */
export type Readable = Pick<Awaited<ReturnType<typeof labDoor>>, 'readableMetric' | 'readableBytes' | 'readableNs'>
