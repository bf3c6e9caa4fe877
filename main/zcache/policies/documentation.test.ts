import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { POLICIES } from './index.ts'

const rows = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8').split('\n')

describe('docs/policies.md', () => {
  it.each(Object.values(POLICIES).map((entry) => [entry.name, entry] as const))(
    'has a row for %s with every parameter',
    (name, { parameters }) => {
      const cells = rows.find((row) => row.startsWith(`| \`${name}\` |`))?.split(' | ')
      expect(cells, name).toHaveLength(5)
      for (const { name: parameter } of parameters) expect(cells?.[2]).toContain(`\`${parameter}\``)
    },
  )
  it('has no row for a policy that is not there', () => {
    const names = rows.flatMap((row) => row.match(/^\| `([a-z-]+)` \|/)?.[1] ?? [])
    expect(names.sort()).toEqual(Object.keys(POLICIES).sort())
  })
})
