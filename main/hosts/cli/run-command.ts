import { resolve } from 'node:path'
import { LabError } from '../../contract/index.ts'
import { exitCodeOfFault, exitCodeOfRun } from './exit-code.ts'
import { followRun } from './follow-run.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { reportText } from './report-text.ts'
import { readSpec, type SpecInput } from './spec-input.ts'

export interface RunOptions extends SpecInput {
  swapDir?: string
  /** The user allows sudo or pkexec, for the kernel lanes. */
  privileged: boolean
  dataDir: string
}

/** Carries out an experiment and prints its report. */
export async function runCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: RunOptions,
  out: Output,
): Promise<number> {
  const spec = await readSpec(client, options)
  const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
  const { id } = await client.runs.start({ spec, swapDir, privileged: options.privileged })
  return reportWhenEnded(client, closeLab, { id, dataDir: options.dataDir }, out)
}

/** Collects more trials for a finished run, and prints its report. */
export async function moreCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: { id: string; privileged: boolean; dataDir: string },
  out: Output,
): Promise<number> {
  const { id } = await client.runs.more({ id: options.id, privileged: options.privileged })
  return reportWhenEnded(client, closeLab, { id, dataDir: options.dataDir }, out)
}

async function reportWhenEnded(
  client: Client,
  closeLab: () => Promise<void>,
  { id, dataDir }: { id: string; dataDir: string },
  out: Output,
): Promise<number> {
  await followRun(client, closeLab, id, out)
  const document = await client.runs.get({ id })
  const readable = await labDoor()
  out.product(
    document,
    () => `${reportText(document, readable)}\nSaved as ${id} in ${dataDir}; "swaplab show ${id}" shows it again.`,
  )
  const { fault, status } = document.run
  if (fault) {
    const { message, remedy } = new LabError(fault)
    out.say(`swaplab: ${message}${remedy ? `\n${remedy}` : ''}`)
  }
  return status === 'failed' && fault ? exitCodeOfFault(fault.code) : exitCodeOfRun(status)
}
