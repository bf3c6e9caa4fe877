import type { EngineProcess } from '../runs/engine-process.ts'

/**
 * An engine that is told to burn time in the measured part of one lane, so that its accesses per second fall by a known
 * share (0.05: to 95 %). For tests and benches of the lab alone: no door can start one.
 */
export function plantedEngine(
  engine: EngineProcess,
  { lane, slower }: { lane: number; slower: number },
): EngineProcess {
  if (slower === 0) return engine
  return {
    ...engine,
    send: (message) =>
      engine.send(message.kind === 'run' ? { ...message, burden: { lane, share: slower / (1 - slower) } } : message),
  }
}
