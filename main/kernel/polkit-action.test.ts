import { expect, it } from 'vitest'
import { polkitAction } from './polkit-action.ts'

it('means one program with one first argument, whatever their folder is called, and asks for an administrator each time', () => {
  const { file, text } = polkitAction(['/opt/R&D <1>/node', '/opt/R&D <1>/process.ts'])
  expect(file).toBe('/usr/share/polkit-1/actions/org.swaplab.kernel-lanes.policy')
  expect(text).toContain('exec.path">/opt/R&amp;D &lt;1&gt;/node<')
  expect(text).toContain('exec.argv1">/opt/R&amp;D &lt;1&gt;/process.ts<')
  expect(text.match(/<allow_\w+>\w+/g)).toEqual(['any', 'inactive', 'active'].map((who) => `<allow_${who}>auth_admin`))
})

it('is none where the program would be env(1), whose first argument anybody can give', () =>
  expect(() => polkitAction(['/usr/bin/env', 'A=1', '/opt/electron', '/opt/process.ts'])).toThrow(/env\(1\)/))
