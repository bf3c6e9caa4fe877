import { expect, it } from 'vitest'
import { placesOf } from './picture.ts'

it('a legend goes on in a further line where the next entry would leave the picture', () => {
  const places = placesOf([{ name: 'raw' }, { name: 'zcache' }, { name: 'zswap' }], 200, (name) => 10 * name.length)
  // 28 px of swatch, 6 before the name, 20 behind it.
  expect(places).toEqual([
    { x: 0, line: 0 },
    { x: 84, line: 0 },
    { x: 0, line: 1 },
  ])
  expect(placesOf([{ name: 'longer than the picture' }], 100, () => 500)).toEqual([{ x: 0, line: 0 }])
})
