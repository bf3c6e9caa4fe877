import { notifications } from '@mantine/notifications'
import { faultFrom } from '../lab/fault.ts'
import { lab, queries, queryClient } from '../lab-client.ts'
import { offerUndo } from './offer-undo.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: queries.runs.list.key() })

function complain(title: string, error: unknown): void {
  const { message, remedy } = faultFrom(error)
  notifications.show({ color: 'red', title, message: remedy ? `${message} ${remedy}` : message, autoClose: false })
}

/** Deletes a run at once and offers to take it back. */
export async function deleteRun(run: { id: string; name: string }): Promise<boolean> {
  const undo = async () => {
    try {
      await lab.runs.undelete({ id: run.id })
    } catch (error) {
      complain(`"${run.name}" could not be brought back`, error)
    }
    await refresh()
  }
  try {
    await lab.runs.delete({ id: run.id })
  } catch (error) {
    complain(`"${run.name}" could not be deleted`, error)
    return false
  }
  offerUndo({ id: `deleted-${run.id}`, title: 'Run deleted', what: run.name, undo })
  await refresh()
  return true
}
