import { z } from 'zod'

/** Fields that lanes have in common. */

export const count = (min: number, max: number) => z.int().min(min).max(max)

/** Characters. */
export const LONGEST_LABEL = 60

export const label = z
  .string()
  .min(1)
  .max(LONGEST_LABEL)
  .optional()
  .meta({ title: 'Label', help: 'shown in every chart and table' })

/** YAML 1.1 writers give on/off as booleans; both spellings mean the same. */
export const onOff = z.preprocess(
  (value) => (value === true ? 'on' : value === false ? 'off' : value),
  z.enum(['on', 'off']),
)
