import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * The rule that guards the architecture is itself guarded: a small copy of the tree, with one forbidden import per arrow
 * planted in it, is given to the same configuration that `npm run imports` uses. Each plant must be reported under its
 * rule, and the permitted imports beside them must not.
 */
const ROOT = resolve(import.meta.dirname, '..')

const DOORS = [
  'main/contract/index.ts',
  'main/hosts/web/index.ts',
  'main/hosts/electron/index.ts',
  'main/lab/index.ts',
  'main/bench/index.ts',
  'main/mm/index.ts',
  'main/mm/frontswap.ts',
  'main/zcache/index.ts',
  'main/swapfile/index.ts',
  'main/remote/index.ts',
  'main/kernel/index.ts',
  'native-bench/addon.ts',
  'native-bench/host.ts',
  'db/index.ts',
]
/** Files behind a door, which no other room may enter. */
const INNER = [
  'main/lab/queue.ts',
  'main/zcache/zbud.ts',
  'main/contract/spec.ts',
  'main/mm/reclaim.ts',
  'db/schema.ts',
  'native-bench/cpu.ts',
  'renderer/fixture-lab/serve.ts',
]

const PERMITTED: [from: string, imports: string][] = [
  ['main/hosts/web/a.ts', 'main/lab/index.ts'],
  ['main/hosts/electron/a.ts', 'electron'],
  ['main/lab/a.ts', 'db/index.ts'],
  ['main/lab/a.ts', 'main/bench/index.ts'],
  ['main/lab/a.ts', 'native-bench/host.ts'],
  ['main/bench/a.ts', 'main/mm/index.ts'],
  ['main/bench/a.ts', 'main/zcache/index.ts'],
  ['main/bench/a.ts', 'main/swapfile/index.ts'],
  ['main/bench/a.ts', 'native-bench/addon.ts'],
  ['main/bench/a.ts', 'main/kernel/index.ts'],
  ['main/kernel/a.ts', 'native-bench/addon.ts'],
  ['main/mm/a.ts', 'main/swapfile/index.ts'],
  ['main/zcache/a.ts', 'main/mm/frontswap.ts'],
  ['main/zcache/a.ts', 'main/swapfile/index.ts'],
  ['main/zcache/a.ts', 'main/remote/index.ts'],
  ['main/bench/a.ts', 'main/remote/index.ts'],
  ['main/remote/a.ts', 'native-bench/addon.ts'],
  ['main/swapfile/a.ts', 'native-bench/addon.ts'],
  ['renderer/a.ts', 'main/contract/index.ts'],
  ['e2e/a.ts', 'main/contract/index.ts'],
  ['main/contract/a.ts', 'zod'],
  ['main/contract/a.test.ts', 'node:fs'],
  ['main/zcache/zbud.test.ts', 'main/zcache/zbud.ts'],
  ['db/a.ts', 'better-sqlite3'],
]

const PLANTED: [rule: string, from: string, imports: string][] = [
  ['arrow-contract', 'main/contract/x1.ts', 'main/lab/index.ts'],
  ['arrow-hosts', 'main/hosts/web/x1.ts', 'db/index.ts'],
  ['arrow-hosts', 'main/hosts/web/x2.ts', 'main/bench/index.ts'],
  ['arrow-hosts', 'main/hosts/web/x3.ts', 'main/lab/queue.ts'],
  ['arrow-hosts', 'main/hosts/web/x4.ts', 'main/contract/spec.ts'],
  ['arrow-lab', 'main/lab/x1.ts', 'main/hosts/web/index.ts'],
  ['arrow-lab', 'main/lab/x2.ts', 'main/zcache/index.ts'],
  ['arrow-lab', 'main/lab/x3.ts', 'db/schema.ts'],
  ['arrow-lab', 'main/lab/x8.ts', 'native-bench/cpu.ts'],
  ['arrow-bench', 'main/bench/x1.ts', 'main/lab/index.ts'],
  ['arrow-bench', 'main/bench/x2.ts', 'main/zcache/zbud.ts'],
  ['arrow-bench', 'main/bench/x3.ts', 'db/index.ts'],
  ['arrow-kernel', 'main/kernel/x1.ts', 'main/bench/index.ts'],
  ['arrow-kernel', 'main/kernel/x2.ts', 'main/swapfile/index.ts'],
  ['arrow-mm', 'main/mm/x1.ts', 'main/zcache/index.ts'],
  ['arrow-mm', 'main/mm/x2.ts', 'main/bench/index.ts'],
  ['arrow-mm', 'main/mm/x3.ts', 'native-bench/addon.ts'],
  ['arrow-zcache', 'main/zcache/x1.ts', 'main/mm/reclaim.ts'],
  ['arrow-zcache', 'main/zcache/x2.ts', 'main/bench/index.ts'],
  ['arrow-swapfile', 'main/swapfile/x1.ts', 'main/mm/index.ts'],
  ['arrow-swapfile', 'main/swapfile/x2.ts', 'main/zcache/index.ts'],
  ['arrow-remote', 'main/remote/x1.ts', 'main/zcache/index.ts'],
  ['arrow-mm', 'main/mm/x7.ts', 'main/remote/index.ts'],
  ['arrow-native-bench', 'native-bench/x1.ts', 'main/swapfile/index.ts'],
  ['arrow-db', 'db/x1.ts', 'main/lab/index.ts'],
  ['arrow-renderer', 'renderer/x1.tsx', 'main/lab/index.ts'],
  ['arrow-renderer', 'renderer/x2.ts', 'main/contract/spec.ts'],
  ['arrow-renderer', 'renderer/x3.ts', 'main/hosts/web/index.ts'],
  ['arrow-e2e', 'e2e/x1.ts', 'main/hosts/web/index.ts'],
  ['arrow-e2e', 'e2e/x2.ts', 'db/index.ts'],
  ['arrow-.ci', '.ci/x1.ts', 'main/lab/index.ts'],
  ['electron-only-in-its-door', 'main/hosts/web/x5.ts', 'electron'],
  ['electron-only-in-its-door', 'main/lab/x4.ts', 'electron'],
  ['electron-only-in-its-door', 'renderer/x4.ts', 'electron'],
  ['contract-is-pure', 'main/contract/x2.ts', 'node:fs'],
  ['contract-is-pure', 'main/contract/x3.ts', 'electron'],
  ['contract-is-pure', 'main/contract/x4.ts', 'hono'],
  ['renderer-is-a-browser', 'renderer/x5.ts', 'node:path'],
  ['fixture-stays-out-of-the-interface', 'renderer/x6.ts', 'renderer/fixture-lab/serve.ts'],
  ['engine-knows-no-host', 'main/mm/x4.ts', 'electron'],
  ['engine-knows-no-host', 'main/zcache/x3.ts', 'better-sqlite3'],
  ['engine-knows-no-host', 'main/swapfile/x3.ts', 'ws'],
  ['engine-knows-no-host', 'main/swapfile/x4.ts', 'hono'],
  ['engine-knows-no-host', 'main/mm/x5.ts', 'node:http'],
  ['engine-has-no-wall-clock', 'main/mm/x6.ts', 'node:perf_hooks'],
  ['engine-has-no-wall-clock', 'main/zcache/x4.ts', 'node:timers'],
  ['history-has-one-owner', 'main/lab/x5.ts', 'better-sqlite3'],
  ['history-has-one-owner', 'main/hosts/web/x6.ts', 'kysely'],
  ['no-unresolvable', 'main/lab/x6.ts', 'main/lab/not-there.ts'],
  ['no-dev-dependency-at-run-time', 'main/lab/x7.ts', 'fast-check'],
]

interface Violation {
  from: string
  to: string
  rule: { name: string; severity: string }
}

let copy: string
let violations: Violation[]

/** `imports` is a path of the copy, or the name of a package or of a Node module. */
function importLine(from: string, imports: string): string {
  if (!/\.tsx?$/.test(imports)) return `import * as planted from '${imports}'\nexport { planted }\n`
  const path = relative(dirname(from), imports)
  return `import * as planted from '${path.startsWith('.') ? path : `./${path}`}'\nexport { planted }\n`
}

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true })
  writeFileSync(join(copy, file), text, { flag: 'a' })
}

function cruise(): Violation[] {
  const rooms = ['main', 'renderer', 'native-bench', 'db', 'e2e', '.ci']
  const cli = join(ROOT, 'node_modules/.bin/depcruise')
  let stdout: string
  try {
    stdout = execFileSync(
      process.execPath,
      [cli, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...rooms],
      { cwd: copy, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] },
    )
  } catch (error) {
    // The tool's exit code is the number of violations; its report is on stdout all the same.
    stdout = String((error as { stdout?: unknown }).stdout ?? '')
    if (!stdout.startsWith('{')) throw error
  }
  const report: { summary: { violations: Violation[] } } = JSON.parse(stdout)
  return report.summary.violations
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'swaplab-imports-'))
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(ROOT, file), join(copy, file))
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const file of [...DOORS, ...INNER]) plant(file, 'export const here = 1\n')
  for (const [from, imports] of PERMITTED)
    plant(from, importLine(from, imports).replaceAll('planted', `_${imports.replace(/\W/g, '')}`))
  for (const [, from, imports] of PLANTED) plant(from, importLine(from, imports))
  plant('main/lab/ring-a.ts', importLine('main/lab/ring-a.ts', 'main/lab/ring-b.ts'))
  plant('main/lab/ring-b.ts', importLine('main/lab/ring-b.ts', 'main/lab/ring-a.ts'))
  // A type is knowledge too.
  plant('renderer/type.ts', "import type { here } from '../main/lab/index.ts'\nexport type T = typeof here\n")
  violations = cruise()
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

describe('import rules', () => {
  test.each(PLANTED)('%s reports %s -> %s', (rule, from) => {
    expect(violations.filter((violation) => violation.from === from).map((violation) => violation.rule.name)).toContain(
      rule,
    )
  })

  test('every violation fails the build', () => {
    expect(violations.filter((violation) => violation.rule.severity !== 'error')).toEqual([])
  })

  test.each(PERMITTED)('permits %s -> %s', (from) => {
    expect(violations.filter((violation) => violation.from === from)).toEqual([])
  })

  test('a cycle is reported', () => {
    expect(
      violations.filter((violation) => violation.rule.name === 'no-cycle').map((violation) => violation.from),
    ).toContain('main/lab/ring-a.ts')
  })

  test('a type-only import across a wall is reported', () => {
    expect(violations.find((violation) => violation.from === 'renderer/type.ts')?.rule.name).toBe('arrow-renderer')
  })

  test('every room of the repository stands under a rule', () => {
    const ruled = new Set(PLANTED.map(([rule]) => rule))
    const rooms = readdirSync(join(ROOT, 'main'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const room of rooms) expect(ruled, `main/${room.name} has no rule of its own`).toContain(`arrow-${room.name}`)
  })
})

describe('the engine has no wall clock', () => {
  const CLOCKS =
    /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bprocess\.hrtime|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b/
  const sources = ['mm', 'zcache', 'swapfile'].flatMap((room) =>
    readdirSync(join(ROOT, 'main', room), { recursive: true, encoding: 'utf8' })
      // A benchmark or a soak is a program of its own, and looks at the time.
      .filter((file) => file.endsWith('.ts') && !/\.(test|bench|soak)\.ts$/.test(file))
      .map((file) => `main/${room}/${file}`),
  )

  test('the pattern finds what it is meant to find', () => {
    expect('const t = performance.now()').toMatch(CLOCKS)
    expect('const t = io.now()').not.toMatch(CLOCKS)
  })

  test('no source of mm, zcache or swapfile reads a clock, sets a timer or draws an unseeded number', () => {
    const guilty = sources.filter((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .some((line) => CLOCKS.test(line.replace(/\/\/.*$|^\s*\*.*$|\/\*.*?\*\//g, ''))),
    )
    expect(guilty).toEqual([])
  })
})
