import { type ExperimentSpec, faultOf, LabError, type RamsterLane } from '../contract/index.ts'
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
  sweepServer,
} from '../remote/index.ts'

/** The servers that an experiment's lanes send pages to. */
export interface Servers {
  /** @throws LabError where one cannot be reached any more */
  open(lane: RamsterLane, arena: Uint8Array): RedisMemory
  /** What a lane's memory beyond its RAM is, and what was found there. */
  notes(lane: RamsterLane): string[]
}

/** Each server's name, and the first field that gives it. */
function namedBy({ lanes, mode }: ExperimentSpec): Map<string, string> {
  const fields = new Map<string, string>()
  if (mode === 'simulate') return fields
  for (const [index, lane] of lanes.entries()) {
    if (lane.lane !== 'ramster') continue
    for (const [at, name] of lane.nodes.entries()) if (!fields.has(name)) fields.set(name, `lanes.${index}.nodes.${at}`)
  }
  return fields
}

/** Asks all of them. @throws LabError `unavailable`, `bad_input`, naming the field */
export async function askServers(spec: ExperimentSpec): Promise<Map<string, ServerFacts>> {
  const known = new Map<string, ServerFacts>()
  for (const [name, field] of namedBy(spec)) known.set(name, await askServer(name, field))
  for (const [index, lane] of spec.lanes.entries()) {
    if (lane.lane !== 'ramster') continue
    const identities = lane.nodes.map((name) => known.get(name)?.identity ?? name)
    for (const [at, identity] of identities.entries()) {
      const first = identities.indexOf(identity)
      if (first !== at)
        throw new LabError({
          code: 'bad_input',
          message: `${lane.nodes[at]} is the same server as ${lane.nodes[first]}: its memory is there once.`,
          remedy: 'Name another server, or take it out.',
          field: `lanes.${index}.nodes.${at}`,
        })
    }
  }
  return known
}

/** Asks all of them, and removes what killed engines have left there. @throws LabError as askServers */
export async function openServers(spec: ExperimentSpec, run: string): Promise<Servers> {
  const known = await askServers(spec)
  const left = new Map<string, string[]>()
  for (const [name, field] of namedBy(spec)) {
    const { removed, kept } = await sweepServer(name, field)
    left.set(name, [
      ...(removed === 0
        ? []
        : [
            `${removed} ${removed === 1 ? 'trial' : 'trials'} of killed engines had left pages at ${name}: they were removed`,
          ]),
      ...(kept === 0
        ? []
        : [
            `${name} does not say who is connected: whether killed engines have left pages there is unknown (redis-cli SMEMBERS swaplab:trials)`,
          ]),
    ])
  }
  const factsOf = (name: string): ServerFacts => {
    const facts = known.get(name)
    if (!facts) throw new Error(`${name} was not asked`)
    return facts
  }
  return {
    open: (lane, arena) =>
      new RedisMemory(connectAll(lane.nodes.map(factsOf)), arena, { run, password: serverPassword() }),
    notes: (lane) => lane.nodes.flatMap((name) => [noteOf(factsOf(name), lane), ...(left.get(name) ?? [])]),
  }
}

/**
 * Removes what an engine that was killed has left at the nodes of its run.
 * @returns what became of it, in sentences; none where nothing was left
 */
export async function sweepNodes(spec: ExperimentSpec, run: string): Promise<string[]> {
  const sentences = [...namedBy(spec)].map(async ([name, field]) => {
    try {
      const { removed, kept } = await sweepServer(name, field, run)
      if (kept > 0) return [`Pages of this run may be left at ${name}. ${BY_HAND}`]
      return removed > 0 ? [`The pages that this run had left at ${name} were removed.`] : []
    } catch (error) {
      return [`Pages of this run may be left at a node: ${faultOf(error).message} ${BY_HAND}`]
    }
  })
  return (await Promise.all(sentences)).flat()
}

const BY_HAND =
  "The next run that names it removes them; by hand: redis-cli --scan --pattern 'swaplab:*' | xargs redis-cli UNLINK, while no run is using it."

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

function noteOf(facts: ServerFacts, { nodePages }: RamsterLane): string {
  const { name, version, maxmemory, policy, own, keys, saves } = facts
  const limits = [
    ...(nodePages === null ? [] : [`${nodePages} pages of zpages at most`]),
    ...(maxmemory === null ? [] : [maxmemory === 0 ? 'no maxmemory' : `maxmemory ${toMiB(maxmemory)}`]),
    policy === null ? 'whether it evicts could not be asked' : policy,
    ...(keys === 0 ? [] : [`holds ${keys} ${keys === 1 ? 'key' : 'keys'} already, whose users share its memory`]),
    ...(saves ? ['writes what it holds to its own disk, which takes time: --save "" --appendonly no'] : []),
  ].join(', ')
  const whose = own
    ? 'on this host, so that its memory is this RAM too, beyond what the lanes share, and no network is measured'
    : 'another machine, whose memory is beyond the RAM that the lanes share'
  return `node ${name} (${version}; ${limits}): ${whose}; remote.bytes.peak is how much of it was used`
}

function toMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
