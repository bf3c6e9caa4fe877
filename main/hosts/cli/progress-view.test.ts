import { expect, test } from 'vitest'
import type { Progress } from '../../contract/index.ts'
import { whereabouts } from './progress-view.ts'

test('the trial under way is counted from 1, as trials are wherever a person reads them', () => {
  const progress: Progress = {
    runId: 'r',
    status: 'running',
    phase: 'populate',
    message: '',
    lane: 'raw',
    trial: { index: 0, total: 3 },
    fraction: 0,
    elapsedMs: 0,
    etaMs: null,
    decision: null,
    sample: null,
  }
  expect(whereabouts(progress)).toBe('raw, trial 1 of 3, populate')
  expect(whereabouts({ ...progress, phase: 'prepare', lane: null })).toBe('prepare')
})
