import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { add, NOTHING, oneCheck, summaryLine, type Tally, tallyOfPlaywright, tallyOfVitest } from './tally.ts'

/**
 * `npm test`: everything, each step printed, all of them carried out even when one fails. The last line counts the whole.
 */
const ROOT = resolve(import.meta.dirname, '..')
const reports = mkdtempSync(join(tmpdir(), 'swaplab-test-'))
/** Hundreds of processes start in a suite, each of the same sources: Node keeps what it compiled for the next one. */
const compiled = mkdtempSync(join(tmpdir(), 'swaplab-compiled-'))

function run(script: string, args: string[] = [], env: Record<string, string> = {}): boolean {
  const { status } = spawnSync('npm', ['run', '-s', script, ...(args.length > 0 ? ['--', ...args] : [])], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...env },
  })
  return status === 0
}

const reportAt = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : null)

const STEPS: { name: string; carryOut: () => Tally }[] = [
  { name: 'lint', carryOut: () => oneCheck(run('lint')) },
  { name: 'types', carryOut: () => oneCheck(run('types')) },
  { name: 'imports', carryOut: () => oneCheck(run('imports')) },
  { name: 'build', carryOut: () => oneCheck(run('build')) },
  {
    name: 'unit and property tests',
    carryOut: () => {
      const file = join(reports, 'unit.json')
      const ok = run('unit', ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`])
      return tallyOfVitest(reportAt(file), ok)
    },
  },
  {
    name: 'end-to-end tests',
    carryOut: () => {
      const file = join(reports, 'e2e.json')
      const ok = run('e2e', ['--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: file })
      return tallyOfPlaywright(reportAt(file), ok)
    },
  },
]

let whole: Tally = NOTHING
const lines: string[] = []
for (const { name, carryOut } of STEPS) {
  console.log(`\n== ${name}`)
  const begun = performance.now()
  const tally = carryOut()
  whole = add(whole, tally)
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  lines.push(`${tally.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(24)} ${summaryLine(tally)} (${seconds} s)`)
}
for (const folder of [reports, compiled]) rmSync(folder, { recursive: true, force: true })

console.log(`\n== summary\n${lines.join('\n')}`)
if (whole.notTested.length > 0)
  console.log(`Not tested here:\n${whole.notTested.map((name) => `  ${name}`).join('\n')}`)
if (whole.broken.length > 0) console.log(`Failed:\n${whole.broken.map((name) => `  ${name}`).join('\n')}`)
console.log(summaryLine(whole))
process.exit(whole.failed > 0 ? 1 : 0)
