const DRAW_WAIT_MS = 1_000

/** Focuses what may still have to be drawn or enabled: a field after a change of tab, a button of a lane that has moved. */
export function focusWhenDrawn(id: string): void {
  const until = performance.now() + DRAW_WAIT_MS
  const look = () => {
    const element = document.getElementById(id)
    element?.focus()
    if (element && document.activeElement === element) return
    if (performance.now() < until) requestAnimationFrame(look)
  }
  look()
}
