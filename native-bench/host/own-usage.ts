/** What the calling process has used, all of its threads included: CPU time, and its largest resident set. */
export function ownUsage(): { userS: number; sysS: number; maxRssBytes: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { userS: userCPUTime / 1e6, sysS: systemCPUTime / 1e6, maxRssBytes: maxRSS * 1024 }
}
