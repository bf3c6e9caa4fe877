import { readFileSync } from 'node:fs'
import { dirname, extname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isPolicyPath, LabError } from '../../contract/index.ts'

const EXAMPLE = new URL('./example-policy.ts', import.meta.url)
const TYPES = fileURLToPath(new URL('./policy.ts', import.meta.url))
const IMPORT = "import type { PolicyEntry } from './policy.ts'\n\n"
const DECLARATION = ' */\nconst policy: PolicyEntry = {'

/**
 * The text of a policy to start from, for a file of this name: TypeScript, or JavaScript with the types in a comment.
 * It runs as it is; its import leads an editor to the types and is never followed at run time.
 * @throws LabError `bad_input` for a name that no specification could give
 */
export function newPolicyText(file: string): string {
  if (!isPolicyPath(file))
    throw new LabError({
      code: 'bad_input',
      message: `A policy is a .ts, .mts, .js or .mjs file, not "${file}".`,
      remedy: 'Name it e.g. mine.ts.',
      field: 'new',
    })
  const path = relative(dirname(resolve(file)), TYPES).replaceAll('\\', '/')
  const types = path.startsWith('.') ? path : `./${path}`
  const text = readFileSync(EXAMPLE, 'utf8')
  if (!text.startsWith(IMPORT) || !text.includes(DECLARATION))
    throw new Error('the example policy does not begin as its copies do')
  if (extname(file).endsWith('ts')) return text.replace("'./policy.ts'", `'${types}'`)
  return text
    .slice(IMPORT.length)
    .replace(DECLARATION, ` *\n * @type {import('${types}').PolicyEntry}\n */\nconst policy = {`)
}
