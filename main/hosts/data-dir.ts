import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import envPaths from 'env-paths'

/** Where the history lives unless told otherwise: the user's own data folder, as each platform has it. */
export function defaultDataDir(): string {
  const { data } = envPaths('swaplab', { suffix: '' })
  // With an empty HOME it would be whichever folder one stands in.
  return isAbsolute(data) ? data : join(userInfo().homedir, data)
}
