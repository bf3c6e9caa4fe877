import { Anchor, Group } from '@mantine/core'
import { partId } from '../../shell/staged.tsx'

/** The parts of a long report, each a click away; the next Tab goes on there. */
export function Contents({ parts }: { parts: readonly string[] }) {
  return (
    <Group component="nav" aria-label="Parts of the report" className="contents" gap="md" wrap="nowrap">
      {parts.map((name) => (
        <Anchor key={name} component="button" type="button" size="sm" onClick={() => goTo(name)}>
          {name}
        </Anchor>
      ))}
    </Group>
  )
}

/** To a part of the report; the next Tab goes on there. */
export function goTo(name: string): void {
  const around = document.getElementById(partId(name))
  // Panels beside one another have their rules, a style, before them. What is not drawn yet is no panel.
  const part = around?.querySelector('section') ?? around?.firstElementChild
  if (!(part instanceof HTMLElement)) return
  part.tabIndex = -1
  part.focus({ preventScroll: true })
  part.scrollIntoView()
}
