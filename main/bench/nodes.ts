import { type ExperimentSpec, type RamsterLane, remoteNode } from '../contract/index.ts'
import {
  askServer,
  GET_BYTES,
  type NodeStreams,
  QUEUE_BYTES,
  RedisMemory,
  RemoteLost,
  type ServerFacts,
  SocketStream,
  serverPassword,
} from '../remote/index.ts'

/** The servers that an experiment's lanes send pages to. */
export interface Servers {
  /** @throws LabError where one cannot be reached any more */
  open(lane: RamsterLane, arena: Uint8Array): RedisMemory
  /** What a lane's memory beyond its RAM is. */
  notes(lane: RamsterLane): string[]
}

/** Asks all of them. @throws LabError `unavailable`, `bad_input`, naming the field */
export async function askServers({ lanes }: ExperimentSpec): Promise<Servers> {
  const known = new Map<string, ServerFacts>()
  for (const [index, lane] of lanes.entries()) {
    if (lane.lane !== 'ramster') continue
    for (const [at, name] of lane.nodes.entries())
      if (!known.has(name)) known.set(name, await askServer(name, remoteNode(name), `lanes.${index}.nodes.${at}`))
  }
  const factsOf = (name: string): ServerFacts => {
    const facts = known.get(name)
    if (!facts) throw new Error(`${name} was not asked`)
    return facts
  }
  return {
    open: (lane, arena) => new RedisMemory(connectAll(lane.nodes.map(factsOf)), arena, serverPassword()),
    notes: (lane) => lane.nodes.map((name) => noteOf(factsOf(name), lane)),
  }
}

/** All of them, or none. @throws RemoteLost */
function connectAll(servers: readonly ServerFacts[]): NodeStreams[] {
  const open: SocketStream[] = []
  const connect = ({ name, node }: ServerFacts, buffers: { out: number; in: number }) => {
    try {
      const stream = new SocketStream(node, buffers)
      open.push(stream)
      return stream
    } catch (error) {
      for (const stream of open) stream.close()
      throw new RemoteLost(name, error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
  return servers.map((server) => ({
    name: server.name,
    queue: connect(server, QUEUE_BYTES),
    gets: connect(server, GET_BYTES),
  }))
}

function noteOf({ name, version, maxmemory, policy, own }: ServerFacts, { nodePages }: RamsterLane): string {
  const limits = [
    ...(nodePages === null ? [] : [`${nodePages} pages of zpages at most`]),
    ...(maxmemory === null ? [] : [maxmemory === 0 ? 'no maxmemory' : `maxmemory ${toMiB(maxmemory)}`]),
    policy === null ? 'whether it evicts could not be asked' : policy,
  ].join(', ')
  const whose = own
    ? 'on this host, so that its memory is this RAM too, beyond what the lanes share, and no network is measured'
    : 'another machine, whose memory is beyond the RAM that the lanes share'
  return `node ${name} (${version}; ${limits}): ${whose}; remote.bytes.peak is how much of it was used`
}

function toMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
