import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** Whether the window is being printed. What depends on it is drawn before the browser takes its picture. */
export function usePrinting(): boolean {
  const [printing, print] = useState(false)
  useEffect(() => {
    const begin = () => flushSync(() => print(true))
    const end = () => print(false)
    window.addEventListener('beforeprint', begin)
    window.addEventListener('afterprint', end)
    return () => {
      window.removeEventListener('beforeprint', begin)
      window.removeEventListener('afterprint', end)
    }
  }, [])
  return printing
}
