import { expect, it } from 'vitest'
import { shownOn } from './output.ts'

it('a terminal is given no control characters but lines and tabs, a pipe every byte', () => {
  const nasty = 'a\tb\n\x1b[31mred\x9b2J\r\x07 日本 🚀'
  expect(shownOn({ isTTY: true }, nasty)).toBe('a\tb\n\ufffd[31mred\ufffd2J\ufffd\ufffd 日本 🚀')
  expect(shownOn({ isTTY: false }, nasty)).toBe(nasty)
})
