/** For a page that has still to be loaded on a busy machine. */
const DRAW_WAIT_MS = 10_000

/**
 * Focuses what may still have to be drawn or enabled: a field after a change of page or tab, a button of a lane that has
 * moved. A person who has gone somewhere else meanwhile is left there.
 */
export function focusWhenDrawn(id: string): void {
  const until = performance.now() + DRAW_WAIT_MS
  const before = document.activeElement
  const look = () => {
    const { activeElement: now } = document
    if (now !== before && now !== document.body && now?.id !== 'main') return
    const element = document.getElementById(id)
    element?.focus()
    if (element && document.activeElement === element) return
    if (performance.now() < until) requestAnimationFrame(look)
  }
  look()
}
