import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { app, BrowserWindow, dialog, ipcMain, protocol, screen, session } from 'electron'
import { faultOf } from '../../contract/index.ts'
import { createLab } from '../../lab/index.ts'
import { readBundle } from '../bundle/index.ts'
import { defaultDataDir } from '../data-dir.ts'
import { APP_SCHEME, APP_URL } from './app-origin.ts'
import { answerAppRequest, declareAppScheme } from './app-protocol.ts'
import { handOutPorts } from './lab-port.ts'
import { lockContents, lockSession } from './lockdown.ts'
import { startUtilityEngine } from './utility-engine.ts'
import { bringForward, readWindowState, writeWindowState } from './window-state.ts'

/** The built app: out/main/index.js, with out/preload and out/renderer beside it. */
const OUT = resolve(import.meta.dirname, '..')

/** Printed when the window is there, so that whoever started the app knows that it got so far. */
const WINDOW_IS_OPEN = 'swaplab: the window is open'

function openWindow(): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json')
  const { maximized, ...bounds } = readWindowState(
    stateFile,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Swaplab',
    webPreferences: {
      preload: join(OUT, 'preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
    console.log(WINDOW_IS_OPEN)
  })
  window.on('close', () => {
    try {
      writeWindowState(stateFile, window.getNormalBounds(), window.isMaximized())
    } catch (error) {
      console.error(`The window's place was not kept: ${faultOf(error).message}`)
    }
  })
  void window.loadURL(APP_URL)
  return window
}

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } }, strict: false, args: process.argv.slice(1) })
  const dataDir = typeof values.data === 'string' ? resolve(values.data) : defaultDataDir()
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const bundle = await readBundle(join(OUT, 'renderer'))
  const lab = await createLab({
    dataDir,
    door: 'electron',
    version: app.getVersion(),
    startEngine: () => startUtilityEngine(join(OUT, 'main/engine.js')),
  })

  lockSession(session.defaultSession)
  protocol.handle(APP_SCHEME, answerAppRequest(bundle))
  handOutPorts(ipcMain, lab.router)
  let window = openWindow()

  app.on('second-instance', () => bringForward(window))
  app.on('activate', () => {
    if (window.isDestroyed()) window = openWindow()
  })
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    // The engine is ended and the history written before the app goes.
    event.preventDefault()
    lab.close().then(
      () => {
        closed = true
        app.quit()
      },
      (error: unknown) => {
        console.error(faultOf(error).message)
        app.exit(1)
      },
    )
  })
}

declareAppScheme(protocol)
app.enableSandbox()
app.on('web-contents-created', (_event, contents) => lockContents(contents))
app.on('window-all-closed', () => app.quit())
if (app.requestSingleInstanceLock())
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      const { message, remedy } = faultOf(error)
      console.error(message)
      dialog.showErrorBox('Swaplab cannot start', remedy === undefined ? message : `${message}\n\n${remedy}`)
      app.exit(1)
    })
else app.quit()
