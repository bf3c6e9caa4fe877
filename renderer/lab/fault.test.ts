import { expect, it } from 'vitest'
import { inWords } from './fault.ts'

it('a fault in words says what to do next, too', () => {
  const message = 'No frame can be reclaimed.'
  expect(inWords({ message, remedy: 'Make memory.pool smaller.' })).toBe(`${message} Make memory.pool smaller.`)
  expect(inWords({ message })).toBe(message)
})
