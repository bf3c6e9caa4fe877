/** What ends a command from outside: the first such signal, and every later one. Returns what takes the handlers away. */
export function onSignals(act: { first: () => void; second: () => void }): () => void {
  let seen = 0
  const handle = () => {
    seen++
    if (seen === 1) act.first()
    else act.second()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
