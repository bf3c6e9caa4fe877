import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { carryOut } from './program.ts'

/** What a terminal of that many columns is shown. */
async function shown(columns: number, ...args: string[]): Promise<string> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  const { isTTY, columns: before } = process.stdout
  Object.assign(process.stdout, { isTTY: true, columns })
  await carryOut(args)
  Object.assign(process.stdout, { isTTY, columns: before })
  vi.restoreAllMocks()
  return text
}

let commands: string[] = []
beforeAll(async () => {
  commands = [...(await shown(200, '--help')).matchAll(/^ {2}([a-z-]+) .*(\[options\]|<shell>|\[command\])/gm)].map(
    ([, name]) => name,
  )
  expect(commands).toContain('compare')
  expect(commands.length).toBeGreaterThan(30)
})
afterEach(() => void vi.restoreAllMocks())

it.each([40, 80, 200])(
  'no line of any help is wider than a terminal of %i columns, but for a command to be copied',
  async (columns) => {
    for (const args of [['--help'], ...commands.filter((name) => name !== 'help').map((name) => [name, '--help'])]) {
      const lines = (await shown(columns, ...args)).split('\n')
      const wide = lines.filter(
        (line) => line.length > columns && !(columns < 80 && /^(Usage:| {2})? *(swaplab|eval) /.test(line)),
      )
      // A path or a command line cannot be parted.
      expect(
        wide.filter((line) => line.trim().includes(' ')),
        args.join(' '),
      ).toEqual([])
    }
  },
)

it('says every word at every width', async () => {
  const words = (text: string) => text.split(/\s+/)
  for (const name of ['run', 'compare', 'capture'])
    expect(words(await shown(40, name, '--help'))).toEqual(words(await shown(200, name, '--help')))
})
