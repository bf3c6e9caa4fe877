import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { add, NOTHING, oneCheck, summaryLine, type Tally, tallyOfPlaywright, tallyOfVitest } from './tally.ts'

/**
 * `npm test`: everything, each step printed, all of them carried out even when one fails. The last line counts the whole. What does not
 * look at the clock is carried out at once: the types alone take one CPU for half a minute.
 */
const ROOT = resolve(import.meta.dirname, '..')
const reports = mkdtempSync(join(tmpdir(), 'swaplab-test-'))
/** Hundreds of processes start in a suite, each of the same sources: Node keeps what it compiled for the next one. */
const compiled = mkdtempSync(join(tmpdir(), 'swaplab-compiled-'))

const npm = (script: string, args: string[] = []) => ['run', '-s', script, ...(args.length > 0 ? ['--', ...args] : [])]
const environment = { NODE_COMPILE_CACHE: compiled, ...process.env }

function run(script: string, args: string[] = [], env: Record<string, string> = {}): boolean {
  const { status } = spawnSync('npm', npm(script, args), {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...environment, ...env },
  })
  return status === 0
}

/** What it says is printed when it has ended. */
function check(script: string): Promise<{ ok: boolean; said: string }> {
  const child = spawn('npm', npm(script), { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: environment })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      said += chunk
    })
  return new Promise((go) => {
    child.once('error', ({ message }) => go({ ok: false, said: message }))
    child.once('close', (code) => go({ ok: code === 0, said }))
  })
}

const reportAt = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : null)

const CHECKS = ['types', 'build', 'lint', 'imports']
const STEPS: { name: string; carryOut: () => Tally }[] = [
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
function count(name: string, tally: Tally, begun: number): void {
  whole = add(whole, tally)
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  lines.push(`${tally.failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(24)} ${summaryLine(tally)} (${seconds} s)`)
}

const begun = performance.now()
await Promise.all(
  CHECKS.map(async (name) => {
    const { ok, said } = await check(name)
    console.log(`\n== ${name}\n${said.trimEnd()}`)
    count(name, oneCheck(ok), begun)
  }),
)
for (const { name, carryOut } of STEPS) {
  console.log(`\n== ${name}`)
  const begun = performance.now()
  count(name, carryOut(), begun)
}
for (const folder of [reports, compiled]) rmSync(folder, { recursive: true, force: true })

console.log(`\n== summary\n${lines.join('\n')}`)
if (whole.notTested.length > 0)
  console.log(`Not tested here:\n${whole.notTested.map((name) => `  ${name}`).join('\n')}`)
if (whole.broken.length > 0) console.log(`Failed:\n${whole.broken.map((name) => `  ${name}`).join('\n')}`)
console.log(summaryLine(whole))
process.exit(whole.failed > 0 ? 1 : 0)
