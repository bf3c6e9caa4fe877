import envPaths from 'env-paths'

/** Where the history lives unless told otherwise: the user's own data folder, as each platform has it. */
export function defaultDataDir(): string {
  return envPaths('swaplab', { suffix: '' }).data
}
