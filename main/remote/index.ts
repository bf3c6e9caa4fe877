export { askServer, type ServerFacts, serverPassword, sweepServer } from './ask-server.ts'
export { MemoryNodes, type MemoryNodesOptions } from './memory-nodes.ts'
export { GET_BYTES, type NodeStreams, QUEUE_BYTES, RedisMemory } from './redis-memory.ts'
export {
  PUT_NO_MEMORY,
  PUT_REFUSED,
  PUT_STORED,
  type PutEnd,
  type RemoteAnswers,
  RemoteLost,
  type RemoteMemory,
} from './remote-memory.ts'
export { SocketStream } from './socket-stream.ts'
