export interface Followed {
  lane: string
  metric: string
}

/** A run's page at the trials behind a point of the trend. */
export const trialsHref = (run: string, { lane, metric }: Followed): string =>
  `/runs/${encodeURIComponent(run)}?${new URLSearchParams({ trials: metric, lane })}`

export const trendHref = (run: string, followed: Partial<Followed>): string =>
  `/trend?${new URLSearchParams({ run, ...followed })}`

/** What can be followed instead of what was asked for, where there is no trend of that: a lane does not have the metrics of another. */
export function followable(
  { lanes }: { lanes: readonly { label: string; metrics: Readonly<Record<string, unknown>> }[] },
  asked: string | undefined,
): { lanes: string[]; lane: string; metrics: string[] } {
  const labels = lanes.map(({ label }) => label)
  const lane = asked ?? labels[0]
  const report = lanes.find(({ label }) => label === lane)
  return { lanes: labels, lane, metrics: Object.keys(report?.metrics ?? {}).sort() }
}
