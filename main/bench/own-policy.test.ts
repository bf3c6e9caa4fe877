import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseSpec } from '../contract/index.ts'
import { newPolicyText } from './index.ts'
import { simulateExperiment } from './simulate/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'swaplab-own-policy-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A small experiment whose only lane takes this policy. */
function specOf(policy: string, parameters: Record<string, number> = {}) {
  return parseSpec({
    mode: 'simulate',
    memory: { frames: 512, pool: 128 },
    workload: { pages: 1200, operations: 5000, content: { source: 'synthetic', pages: 64 } },
    simulate: { sizes: 'magenheimer' },
    lanes: [{ lane: 'zcache', writeback: 'on', policy, parameters }],
    trials: 1,
  })
}

describe("an experiment with a user's own policy", () => {
  it('is carried out by it, with the parameters of the specification', async () => {
    const file = join(dir, 'mine.ts')
    writeFileSync(file, newPolicyText(file))
    const written = async (parameters: Record<string, number>) =>
      (await simulateExperiment(specOf(file, parameters))).trials[0].counters.writtenback_pages
    expect(await written({ full: 0.5 })).toBeGreaterThan(await written({ full: 1, batch: 1 }))
    await expect(written({ empty: 1 })).rejects.toMatchObject({
      code: 'bad_input',
      field: 'lanes.0.parameters.empty',
      message: 'empty: the policy mine has no such parameter; it takes full, batch, oldest.',
    })
  })

  it('fails with bad input, naming file and hook, where the policy misbehaves in the middle', async () => {
    const file = join(dir, 'bad.mjs')
    writeFileSync(
      file,
      `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [], create() {
        let calls = 0
        return { unit: 'zpage', onReclaim: () => (++calls > 5 ? calls / 0 - Infinity : 1) }
      } }`,
    )
    await expect(simulateExperiment(specOf(file))).rejects.toMatchObject({
      code: 'bad_input',
      message: `Policy ${file}: onReclaim returned NaN; it must return a whole number, 0 or more.`,
    })
  })
})
