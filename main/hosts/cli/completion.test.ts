import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completionScript, forBash, SHELLS, typedWords } from './completion-scripts.ts'

const CLI = fileURLToPath(new URL('./index.ts', import.meta.url))
const FAKE_ENGINE = fileURLToPath(new URL('../../lab/testing/fake-engine.ts', import.meta.url))

let dir: string
let id: string

const swaplab = (...args: string[]) =>
  spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    env: { ...process.env, SWAPLAB_ENGINE: FAKE_ENGINE, HOME: dir, XDG_DATA_HOME: join(dir, 'none') },
  })

/** The values for the last word. */
const offered = (...words: string[]) =>
  swaplab('complete', '--', ...words)
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0])

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'swaplab-tab-'))
  const run = swaplab('run', '--preset', 'quick', '--data', dir, '--json')
  id = JSON.parse(run.stdout).run.id
  swaplab('tag', id, 'nightly build', 'nvme', 'x$(touch broken-in)', 'at@home', '--data', dir)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('what may stand at the cursor', () => {
  it.each([
    [['sw'], ['sweep', 'sweeps']],
    [
      ['help', 'swe'],
      ['sweep', 'sweeps'],
    ],
    [
      ['run', '--s'],
      ['--set', '--swap-dir'],
    ],
    [
      ['run', '--preset', 't'],
      ['thorough', 'twin'],
    ],
    [['run', '--preset=tw'], ['--preset=twin']],
    [
      ['list', '--status', 'done', 'in'],
      ['interrupted', 'invalid'],
    ],
    [['list', '--status', 'done', '--li'], ['--limit']],
    [['run', '--workload', 'gc'], ['gc']],
    [
      ['run', '--set', 'memory.'],
      ['memory.frames=', 'memory.pool='],
    ],
    [['run', '--set', 'lanes.1.lane=xen'], ['lanes.1.lane=xen-tmem']],
    [['sweep', '--vary', 'lanes.0.policy=lru-frame,keep'], ['lanes.0.policy=lru-frame,keep-clean']],
    [['sweep', '--metric', 'fault.ns.p5'], ['fault.ns.p50']],
    [['completion', 'f'], ['fish']],
    // Any file, or any text.
    [['run', ''], []],
    [['show', ''], []],
    [['frobnicate', ''], []],
  ])('%j: %j', (words, values) => expect(offered(...words)).toEqual(values))

  it('are the runs, tags, metrics and lanes of a history that is there', () => {
    const data = ['--data', dir]
    expect(offered('show', `--data=${dir}`, id.slice(0, 4))).toEqual([id])
    expect(offered('show', '--data', '~', id.slice(0, 4))).toEqual([id])
    expect(offered('show', '--data', '~/none', '')).toEqual([])
    expect(offered('show', ...data, id.slice(0, 4))).toEqual([id])
    expect(offered('compare', ...data, id, id.slice(0, 4))).toEqual([id])
    expect(offered('tag', ...data, id, 'n')).toEqual(['nightly build', 'nvme'])
    expect(offered('trend', ...data, id, '--lane', 'r')).toEqual(['raw'])
    expect(offered('trend', ...data, id, '--metric', 'accesses')).toEqual(['accesses.per_s'])
  })

  it('are looked up without a change: what a dead process left behind stays', () => {
    const left = join(dir, 'self-dead.corpus')
    writeFileSync(left, '')
    expect(offered('show', '--data', dir, '')).toEqual([id])
    expect(existsSync(left)).toBe(true)
  })
})

it('parts a line as a shell does, and gives bash what is left of its word', () => {
  expect(typedWords(`swaplab  note 'a b' "c d"e f\\ g `)).toMatchObject({
    words: ['swaplab', 'note', 'a b', 'c de', 'f g', ''],
    quote: '',
  })
  const half = typedWords(`swaplab trend --lane "zcache l`)
  expect(half).toEqual({ words: ['swaplab', 'trend', '--lane', 'zcache l'], quote: '"', quotedFrom: 0 })
  expect(forBash('zcache lz4', half)).toBe('zcache lz4')
  expect(forBash('--lane=zcache lz4', typedWords('swaplab trend --lane="zc'))).toBe('zcache lz4')
  expect(forBash('zcache lz4; $(x)', typedWords('swaplab z'))).toBe('zcache\\ lz4\\;\\ \\$\\(x\\)')
  expect(forBash('n😀', typedWords('swaplab tag 1 n'))).toBe('n\\😀')
  expect(forBash('x@home', typedWords('swaplab tag 1 x@h'))).toBe('@home')
  expect(forBash('lanes.0.codec=zstd', typedWords('swaplab --set lanes.0.codec=z'))).toBe('zstd')
})

it.each(['', '"', "'"])("gives bash of a value that is anybody's a word and no command, within %j", (quote) => {
  const hostile = 'n $(echo 1) `echo 2` $HOME "a" \'b\' \\ ;echo 3 !! 😀'
  const completed = `${quote}${forBash(hostile, typedWords(`swaplab tag 1 ${quote}n`))}${quote}`
  const { stdout } = spawnSync('bash', ['--norc', '-c', `printf %s ${completed}`], { encoding: 'utf8' })
  expect(stdout).toBe(hostile)
})

/** How each is started without anything of its user, and told the script. */
const STARTS = {
  bash: ['bash --norc --noprofile -i', 'eval "$(swaplab completion bash)"'],
  zsh: ['zsh -f -i', 'autoload -U compinit; compinit -u -D; eval "$(swaplab completion zsh)"'],
  fish: ['fish --no-config -i', 'swaplab completion fish | source'],
} as const

describe.each(SHELLS)('%s', (shell) => {
  const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
  const missing = [shell, 'script'].find((command) => !has(command))

  it.skipIf(missing !== undefined)(
    `completes at the key Tab (skipped where ${shell} or script is not installed)`,
    async () => {
      const program = join(dir, 'swaplab')
      writeFileSync(
        program,
        `#!/bin/sh\ncase $1 in complet*) exec '${process.execPath}' '${CLI}' "$@";; esac\nprintf '<%s>' GOT "$@"\necho\n`,
      )
      chmodSync(program, 0o755)
      const [start, tell] = STARTS[shell]
      const child = spawn('script', ['-qfec', start, '/dev/null'], {
        cwd: dir,
        env: {
          ...process.env,
          PATH: `${dir}:${process.env.PATH}`,
          TERM: 'dumb',
          HOME: dir,
          XDG_DATA_HOME: join(dir, 'none'),
        },
      })
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
      })
      const heard = async (words: string) => {
        const until = Date.now() + 45_000
        while (!said.includes(words)) {
          if (Date.now() > until) throw new Error(`${words} has not come; it said:\n${said}`)
          await new Promise((go) => setTimeout(go, 50))
        }
      }
      try {
        child.stdin.write(`${tell}; echo rea''dy\n`)
        await heard('ready')
        child.stdin.write('swaplab run --preset tho\t\n')
        await heard('<GOT><run><--preset><thorough>')
        child.stdin.write('swaplab run --set lanes.0.policy=keep\t\n')
        await heard('<GOT><run><--set><lanes.0.policy=keep-clean>')
        child.stdin.write(`swaplab tag --data ${dir} ${id} ni\t\n`)
        await heard(`<${id}><nightly build>`)
        child.stdin.write(`swaplab tag --data ${dir} ${id} at@h\t\n`)
        await heard(`<${id}><at@home>`)
        if (shell === 'bash') {
          child.stdin.write(`swaplab trend --data ${dir} ${id} --lane="r\t\n`)
          await heard(`<${id}><--lane=raw>`)
        }
        // A name that stands there already is a file's where nothing else may.
        child.stdin.write('swaplab run ./histor\t\n')
        await heard('<GOT><run><./history.sqlite>')
        // Neither what is completed nor what is typed is ever carried out.
        child.stdin.write(`swaplab tag --data ${dir} ${id} ${shell === 'bash' ? '"' : ''}x\t\n`)
        await heard(`<${id}><x$(touch broken-in)>`)
        child.stdin.write("swaplab show '$(touch broken-in)' `touch broken-in` \t")
        child.stdin.write('\u0015echo do""ne\n')
        await heard('done')
        expect(spawnSync('ls', [dir], { encoding: 'utf8' }).stdout).not.toContain('broken-in')
      } finally {
        const closed = once(child, 'close')
        child.kill('SIGKILL')
        await closed
      }
    },
  )

  it('says how it is used', () => {
    expect(swaplab('completion', '--help').stdout).toContain(`swaplab completion ${shell}`)
    expect(swaplab('completion', shell).stdout).toBe(completionScript(shell))
  })
})
