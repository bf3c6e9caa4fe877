import { useEffect } from 'react'

/** Whoever takes the focus away on purpose has moved it on by then, ms. */
const WAIT_MS = 100

/**
 * What has the focus may go: with a page, with a run that ended or was deleted, with the button that opened a dialog. The
 * browser then begins again at the top of the window; here it goes on at the top of the page.
 */
export function useFocusKept(mainId: string): void {
  useEffect(() => {
    let last: Element | null = null
    const remember = ({ target }: FocusEvent) => {
      if (target instanceof Element) last = target
    }
    const lost = () => last !== null && !last.isConnected && document.activeElement === document.body
    const observer = new MutationObserver(() => {
      if (lost()) setTimeout(() => lost() && document.getElementById(mainId)?.focus({ preventScroll: true }), WAIT_MS)
    })
    document.addEventListener('focusin', remember)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', remember)
      observer.disconnect()
    }
  }, [mainId])
}
