import { LabError } from '../contract/index.ts'
import { helperCommand } from './package-file.ts'

/**
 * The helper as an action of polkit(8): the dialog says what it is for, instead of naming Node, and a rule can mean it alone. An administrator
 * installs it. It asks each time (`auth_admin`, not `_keep`): for a while after a dialog, whoever may write in the folder would be root unasked.
 */

export const POLKIT_ACTION = 'org.swaplab.kernel-lanes'

export interface PolkitAction {
  /** Where polkit looks for it. */
  file: string
  text: string
}

/** @throws LabError `unavailable` where pkexec(1) cannot tell the helper from another program */
export function polkitAction(command: string[] = helperCommand()): PolkitAction {
  const [program, helper, ...more] = command
  // What pkexec compares are the program and its first argument.
  if (more.length > 0)
    throw new LabError({
      code: 'unavailable',
      message:
        'Here the helper is started through env(1), which an action of polkit cannot tell from anything else that is.',
      remedy: 'Install the packages (npm ci), whose own Node is then used, and say it again.',
    })
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD polkit Policy Configuration 1.0//EN"
  "http://www.freedesktop.org/software/polkit/policyconfig-1.dtd">
<policyconfig>
  <vendor>Swaplab</vendor>
  <action id="${POLKIT_ACTION}">
    <description>Measure the swap of this computer's own kernel</description>
    <message>Authentication is needed for Swaplab to change the swap settings of this computer while it measures, and to put them back</message>
    <defaults>
      <allow_any>auth_admin</allow_any>
      <allow_inactive>auth_admin</allow_inactive>
      <allow_active>auth_admin</allow_active>
    </defaults>
    <annotate key="org.freedesktop.policykit.exec.path">${escaped(program)}</annotate>
    <annotate key="org.freedesktop.policykit.exec.argv1">${escaped(helper)}</annotate>
  </action>
</policyconfig>
`
  return { file: `/usr/share/polkit-1/actions/${POLKIT_ACTION}.policy`, text }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (path: string) => path.replace(/[&<>]/g, (character) => ENTITIES[character])
