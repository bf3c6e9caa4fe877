export * from './memory-swap.ts'
export * from './slots.ts'
export * from './swap-io.ts'
