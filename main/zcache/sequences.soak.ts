import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { COMBINATIONS, Draw, engineOptions } from './fixture-combinations.ts'
import { carryOut, commandsOf } from './fixture-sequences.ts'

/**
 * The sequences of sequences.test.ts for as long as asked: `npm run soak -- --minutes 60 [--seed N] [--only NAME] [--commands N] [--pages N]`. Goes round all
 * combinations, each with a seed of its own, and prints it; ends with 1 at the first failure, with the command that repeats it and then, when it is
 * found, the shortest sequence that fails.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** Of the first combination; the next has the next. */
    seed: { type: 'string' },
    /** Part of a combination's name. */
    only: { type: 'string', default: '' },
    commands: { type: 'string', default: '200' },
    /** With 1400, zcache's objects are trees of several pages. */
    pages: { type: 'string', default: '160' },
  },
})
const minutes = Number(values.minutes)
const commands = Number(values.commands)
const pages = Number(values.pages)
const chosen = COMBINATIONS.filter(({ name }) => name.includes(values.only))
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (
  !(minutes > 0) ||
  !(commands >= 1) ||
  !(Number.isInteger(pages) && pages >= 100) ||
  !Number.isInteger(firstSeed) ||
  chosen.length === 0
) {
  process.stderr.write(
    chosen.length === 0
      ? `No combination is called like "${values.only}". There are:\n${COMBINATIONS.map(({ name }) => `  ${name}`).join('\n')}\n`
      : 'Give --minutes above 0, --commands of at least 1, --pages of at least 100, whole, and a whole number as --seed.\n',
  )
  process.exit(2)
}

/** Sequences of one combination under one seed. */
const RUNS = 50
const end = performance.now() + minutes * 60_000
let seed = firstSeed
let sequences = 0
process.stdout.write(`${chosen.length} combinations, ${commands} commands a sequence, seeds from ${seed} on\n`)
for (let at = 0; performance.now() < end; at = (at + 1) % chosen.length, seed++) {
  const combination = chosen[at]
  const property = fc.property(Draw, commandsOf(commands, pages), (draw, steps) => {
    carryOut(engineOptions(combination, draw), steps, pages)
  })
  const outcome = fc.check(property, { numRuns: RUNS, seed, endOnFailure: true })
  sequences += outcome.numRuns
  process.stdout.write(`seed ${seed}  ${sequences} sequences  ${combination.name}\n`)
  if (!outcome.failed) continue
  process.stdout.write(
    `FAILED: ${combination.name}: ${outcome.errorInstance}\n` +
      `Again: npm run soak -- --seed ${seed} --only '${combination.name}' --commands ${commands} --pages ${pages}\n` +
      'Looking for a shorter sequence.\n',
  )
  const { counterexamplePath: path } = outcome
  process.stdout.write(`${fc.defaultReportMessage(fc.check(property, { seed, ...(path !== null && { path }) }))}\n`)
  process.exit(1)
}
process.stdout.write(`${sequences} sequences, none failed\n`)
