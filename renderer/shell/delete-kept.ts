import { notifications } from '@mantine/notifications'
import { faultFrom } from '../lab/fault.ts'
import { lab, queries, queryClient } from '../lab-client.ts'
import { unchooseRun } from './chosen-runs.ts'
import { offerUndo } from './offer-undo.tsx'

interface Kept {
  id: string
  name: string
}

function complain(title: string, error: unknown): void {
  const { message, remedy } = faultFrom(error)
  notifications.show({ color: 'red', title, message: remedy ? `${message} ${remedy}` : message, autoClose: false })
}

/** Deletes at once and offers to take it back. */
async function deleteKept(kind: 'runs' | 'sweeps', title: string, { id, name }: Kept): Promise<boolean> {
  const refresh = () => queryClient.invalidateQueries({ queryKey: queries[kind].list.key() })
  const undo = async () => {
    try {
      await lab[kind].undelete({ id })
    } catch (error) {
      complain(`"${name}" could not be brought back`, error)
    }
    await refresh()
  }
  try {
    await lab[kind].delete({ id })
  } catch (error) {
    complain(`"${name}" could not be deleted`, error)
    return false
  }
  offerUndo({ id: `deleted-${id}`, title, what: name, undo })
  await refresh()
  return true
}

export async function deleteRun(run: Kept): Promise<boolean> {
  const deleted = await deleteKept('runs', 'Run deleted', run)
  if (deleted) unchooseRun(run.id)
  return deleted
}
export const deleteSweep = (sweep: Kept): Promise<boolean> => deleteKept('sweeps', 'Sweep deleted', sweep)

/** Deletes from a list: the focus goes on to what is beside it there, where it has not gone anywhere else meanwhile. */
export async function deleteAndGoOn(remove: () => Promise<boolean>, button: HTMLElement): Promise<void> {
  const own = button.closest('tr, li')
  const beside = (own?.nextElementSibling ?? own?.previousElementSibling)?.querySelector('a')
  if (!(await remove())) return
  const { activeElement } = document
  if (activeElement === button || activeElement === document.body) beside?.focus({ preventScroll: true })
}
