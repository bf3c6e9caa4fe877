import { MutationObserver } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { queryClient } from './lab-client.ts'

it('what was asked of the lab is let go of with the page that asked', async () => {
  const page = new MutationObserver(queryClient, { mutationFn: async () => 'started' })
  const leave = page.subscribe(() => undefined)
  await page.mutate()
  leave()
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(queryClient.getMutationCache().getAll()).toEqual([])
})
