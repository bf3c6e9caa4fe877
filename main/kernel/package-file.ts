import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabError } from '../contract/index.ts'

/**
 * A file of this room, to be started as a process of its own: from this module's folder or the working directory upwards to the
 * package. A bundle holds this module elsewhere, the file itself stays where it is.
 * @throws LabError `unavailable`
 */
export function packageFile(path: string): string {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const file = join(folder, 'main/kernel', path)
      const manifest = join(folder, 'package.json')
      if (existsSync(file) && existsSync(manifest) && /"name": "swaplab"/.test(readFileSync(manifest, 'utf8')))
        return file
      if (dirname(folder) === folder) break
    }
  }
  throw new LabError({
    code: 'unavailable',
    message: `main/kernel/${path} is not where Swaplab was started.`,
    remedy: 'Start Swaplab from its own folder.',
  })
}

/** Electron's own program runs as Node only where it is told to. */
export const NODE_ENVIRONMENT = { ELECTRON_RUN_AS_NODE: '1' }

const HELPER = 'privileged/process.ts'

/** The Node that is installed with the package, whichever door the lab has; else the one that runs this process; null: that is Electron. */
function plainNode(helper: string): string | null {
  const own = join(dirname(helper), '../../../node_modules/node/bin/node')
  if (existsSync(own)) return own
  return process.versions.electron === undefined ? process.execPath : null
}

/**
 * Program and first arguments of the privileged helper, absolute: sudo and pkexec give it another environment and another directory.
 * @throws LabError `unavailable`
 */
export function helperCommand(): [program: string, ...arguments_: string[]] {
  const helper = packageFile(HELPER)
  const node = plainNode(helper)
  if (node !== null) return [node, helper]
  const settings = Object.entries(NODE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`)
  return ['/usr/bin/env', ...settings, process.execPath, helper]
}
