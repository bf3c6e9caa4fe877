import { fakeLab, someSpec } from './fake-lab.ts'

/**
 * A process that may not write to the lab's folder, argv[2], and reads its run argv[3] all the same; prints what it got. As root it opens a lab
 * in argv[4] first, so that all code is loaded before it becomes nobody.
 */
const [, , dir, run, elsewhere] = process.argv
await (await fakeLab(elsewhere)).close()
if (process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(65534)
  process.setuid?.(65534)
}
const { client, close } = await fakeLab(dir)
const refusal = (error: { data?: { code?: string } }) => error.data?.code ?? String(error)
const { runs } = await client.runs.list({})
const document = await client.runs.get({ id: run })
const compared = await client.runs.compare({ base: run, new: [run], gates: [] })
const { text } = await client.runs.export({ id: run, format: 'bundle' })
const refused = [
  await client.runs.tag({ id: run, tags: ['x'] }).catch(refusal),
  await client.runs.start({ spec: someSpec('plain') }).catch(refusal),
]
await close()
console.log(
  JSON.stringify({
    runs: runs.length,
    lanes: document.lanes.length,
    compared: compared.metrics.length > 0,
    exported: text.length > 0,
    refused,
  }),
)
