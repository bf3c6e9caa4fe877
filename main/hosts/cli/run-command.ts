import { resolve } from 'node:path'
import { LabError } from '../../contract/index.ts'
import { exitCodeOfFault, exitCodeOfRun } from './exit-code.ts'
import { followRun } from './follow-run.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { duration } from './progress-view.ts'
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
  return reportWhenEnded(client, closeLab, { ...options, id }, out)
}

/** Says what a run would be refused for; prints the experiment whole, and what it takes. */
export async function validateCommand(client: Client, options: RunOptions, out: Output): Promise<undefined> {
  const input = await readSpec(client, options)
  const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
  const { spec, hash } = await client.runs.check({ spec: input, swapDir, privileged: options.privileged })
  const estimate = await client.spec.estimate({ spec, swapDir })
  const { yaml } = await client.spec.write({ spec })
  const { readableBytes } = await labDoor()
  out.product({ spec, hash, estimate }, () => yaml)
  const { seconds, basis, diskBytes, memoryBytes } = estimate
  const time = seconds === null ? `time unknown (${basis})` : `about ${duration(seconds * 1000)} (${basis})`
  out.say(
    `Valid, and not started: ${spec.trials} trials of ${spec.lanes.length} ${spec.lanes.length === 1 ? 'lane' : 'lanes'}; ${time}; ` +
      `${readableBytes(diskBytes)} of disk, ${readableBytes(memoryBytes)} of memory.`,
  )
  return undefined
}

/** Collects more trials for a finished run, and prints its report. */
export async function moreCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: { id: string; privileged: boolean; dataDir: string },
  out: Output,
): Promise<number> {
  const { id } = await client.runs.more({ id: options.id, privileged: options.privileged })
  return reportWhenEnded(client, closeLab, { ...options, id }, out)
}

async function reportWhenEnded(
  client: Client,
  closeLab: () => Promise<void>,
  { id, privileged, dataDir }: { id: string; privileged: boolean; dataDir: string },
  out: Output,
): Promise<number> {
  await followRun(client, closeLab, { id, privileged }, out)
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
