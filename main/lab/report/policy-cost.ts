import type { TrialReport } from '../../contract/index.ts'
import { readableMetric, readableNs } from '../readable.ts'
import { median } from '../statistics/index.ts'

/** What the hooks of a user's own policy took, medians over trials, in a sentence; none where it was not looked at. */
export function policyCost(trials: readonly TrialReport[]): string[] {
  const looked = trials.flatMap(({ hooks }) => (hooks ? [hooks] : []))
  if (looked.length === 0) return []
  const names = [...new Set(looked.flatMap((hooks) => hooks.map(({ hook }) => hook)))]
  const parts = names
    .map((name) => {
      const ofHook = looked.flatMap((hooks) => hooks.filter(({ hook }) => hook === name))
      const quantile = (word: string, values: (number | null)[]) => {
        const known = values.filter((value) => value !== null)
        return known.length === 0 ? [] : [`${word} ${readableNs(median(known))}`]
      }
      const details = [
        `${readableMetric(median(ofHook.map(({ calls }) => calls)), 'count')} calls`,
        ...quantile(
          'p50',
          ofHook.map(({ p50Ns }) => p50Ns),
        ),
        ...quantile(
          'p99',
          ofHook.map(({ p99Ns }) => p99Ns),
        ),
      ]
      const share = median(ofHook.map((hook) => hook.share))
      return { share, text: `${name} ${readableMetric(share, 'share')} (${details.join(', ')})` }
    })
    .sort((a, b) => b.share - a.share)
  const whole = median(looked.map((hooks) => hooks.reduce((sum, { share }) => sum + share, 0)))
  return [
    `The hooks of its policy took ${readableMetric(whole, 'share')} of the measured time: ${parts.map(({ text }) => text).join('; ')}`,
  ]
}
