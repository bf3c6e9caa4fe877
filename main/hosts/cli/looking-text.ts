import { type Observer, observerFigures } from '../../contract/index.ts'
import type { Readable } from './open-client.ts'

/** The cost of looking, beside the figures it is part of. */
export function lookingText(observer: Observer, readableNs: Readable['readableNs']): string {
  const parts = observerFigures(observer).map(([name, ns]) => `${name} ${readableNs(ns)}`)
  return `Cost of looking, each doing nothing: ${parts.join(', ')}. What is not far above it is not a measurement.`
}
