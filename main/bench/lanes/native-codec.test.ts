import { expect, it } from 'vitest'
import { native } from '../../../native-bench/index.ts'
import { CODEC_LEVELS, CodecName } from '../../contract/index.ts'

it('the codecs of the contract are those of the addon, which takes all the levels that the contract does', () => {
  const codecs = native.codecList()
  expect(new Set(codecs.map(({ codec }) => codec))).toEqual(new Set(CodecName.options))
  for (const { codec } of codecs.filter(({ available }) => available)) {
    const { min, max, default: usual } = CODEC_LEVELS[codec]
    for (const level of [min, usual, max]) native.codecClose(native.codecOpen(codec, level))
  }
})
