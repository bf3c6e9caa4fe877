export * from './access.ts'
export * from './random.ts'
export * from './stream.ts'
