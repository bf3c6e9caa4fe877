import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { faultOf, LabError } from '../contract/index.ts'
import { defaultDataDir } from './data-dir.ts'
import {
  ADDON,
  bringUpToDate,
  chooseDoor,
  hasDesktop,
  INTERFACE,
  obtainElectron,
  runWindow,
  WINDOW,
} from './launch/index.ts'
import { type ServedLab, serve, untilSignal } from './web/index.ts'

const USAGE = `npm start -- [options]

Opens the lab: in a window where Electron and a display are there, else in the browser.

  --web          in the browser, also where a window could be shown
  --port N       port of the browser's address (default: a free one)
  --host ADDR    address to listen on (default: 127.0.0.1; anything else can be reached from other machines)
  --origin URL   address people use where a proxy stands in front, e.g. https://lab.example
  --data DIR     folder of the history (default: ${defaultDataDir()})
  --no-open      print the address, open nothing
  --help
`

const say = (line: string) => console.error(line)

function readOptions() {
  const { values } = parseArgs({
    options: {
      web: { type: 'boolean', default: false },
      port: { type: 'string' },
      host: { type: 'string' },
      origin: { type: 'string' },
      data: { type: 'string' },
      'no-open': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const port = values.port === undefined ? 0 : Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new LabError({
      code: 'bad_input',
      message: `--port takes a number from 0 to 65535, not "${values.port}".`,
      field: 'port',
    })
  if (values.origin !== undefined && !/^https?:$/.test(URL.parse(values.origin)?.protocol ?? ''))
    throw new LabError({
      code: 'bad_input',
      message: `--origin takes an address such as https://lab.example, not "${values.origin}".`,
      field: 'origin',
    })
  return { ...values, port, dataDir: values.data === undefined ? defaultDataDir() : resolve(values.data) }
}
type Options = ReturnType<typeof readOptions>

/** Serves the lab until the person ends it. */
async function serveInBrowser(options: Options): Promise<void> {
  let first = true
  const served: ServedLab = await serve({
    prepare: async () => {
      await bringUpToDate(ADDON, say)
      await bringUpToDate(INTERFACE, say)
    },
    dataDir: options.dataDir,
    port: options.port,
    host: options.host,
    publicOrigin: options.origin,
    log: say,
    onAddress: (url) => {
      // The address is what this command produces: stdout. Everything around it is stderr.
      if (!first) say('\nThe next address:')
      first = false
      console.log(url)
    },
  })
  say('It opens the lab once; the next one is printed when it was used. Enter prints another. Ctrl-C ends the lab.')
  if (process.stdin.isTTY) createInterface({ input: process.stdin }).on('line', () => console.log(served.newAddress()))
  const desktop = hasDesktop({ platform: process.platform, env: process.env })
  if (desktop && !options['no-open'] && !process.env.CI) await openBrowser(served.url)
  await untilSignal(served)
}

async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import('open')
  try {
    const browser = await open(url)
    browser.once('error', (error) => say(`No browser could be opened (${error.message}): open the address yourself.`))
  } catch (error) {
    say(`No browser could be opened (${faultOf(error).message}): open the address yourself.`)
  }
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  const door = await chooseDoor({
    platform: process.platform,
    env: process.env,
    uid: process.getuid?.() ?? null,
    webAsked: options.web || options.port !== 0 || options.host !== undefined || options.origin !== undefined,
    obtainElectron: () => obtainElectron({ say }),
  })
  let reason = door.kind === 'web' ? door.reason : null
  if (door.kind === 'electron') {
    await bringUpToDate(ADDON, say)
    await bringUpToDate(WINDOW, say)
    reason = await runWindow(door.binary, options.dataDir)
    if (reason === null) return
  }
  if (reason !== null) say(`No window: ${reason}. The same lab in a browser:`)
  await serveInBrowser(options)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const { message, remedy } = faultOf(error)
    say(message)
    if (remedy !== undefined) say(remedy)
    process.exit(1)
  },
)
