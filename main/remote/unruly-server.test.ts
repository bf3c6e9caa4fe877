import { describe, expect, it } from 'vitest'
import { HANGS_UP, polite, type Script, ScriptedStream } from './fixture-script.ts'
import { PUT_NO_MEMORY, PUT_REFUSED, PUT_STORED, type PutEnd, RedisMemory } from './index.ts'

const PAGE = 4096

function play(script: Script, piece?: number) {
  const queue = new ScriptedStream(script, piece)
  const gets = new ScriptedStream(script, piece)
  const arena = new Uint8Array(4 * PAGE).fill(7)
  const open = () => {
    const memory = new RedisMemory([{ name: 'there', queue, gets }], arena, { run: 'run' })
    const ends: PutEnd[] = []
    memory.answers = { putEnded: (_node, _slot, _id, end) => ends.push(end), flushEnded: () => {} }
    return { memory, ends }
  }
  return { queue, gets, arena, open }
}

describe('a server that lets a trial in', () => {
  it('has its connections named before the trial is in the list, both of them: others know it by that', () => {
    const { queue, gets, open } = play(polite)
    open()
    const named = ['CLIENT', 'SETNAME', expect.stringMatching(/^swaplab:run\./)]
    expect([queue.told[0], gets.told[0]]).toEqual([named, named])
    expect(queue.told[1][0]).toBe('SADD')
  })

  for (const command of ['CLIENT', 'SADD', 'HSET', 'HGET', 'HDEL', 'HLEN', 'UNLINK'])
    it(`and forbids ${command} is refused by its own words, and every connection closed`, () => {
      const { queue, gets, open } = play((...words) =>
        words[0] === command ? `-NOPERM no permissions to run ${command}\r\n` : polite(...words),
      )
      expect(open).toThrow(`NOPERM no permissions to run ${command}`)
      expect([queue.closed, gets.closed]).toEqual([true, true])
    })

  it('with no room left just now is taken: there may be some later', () => {
    const { open } = play((...words) => (words[0] === 'HSET' ? '-OOM command not allowed\r\n' : polite(...words)))
    expect(open).not.toThrow()
  })

  it('and asks for no password where one is given is used without', () => {
    const script: Script = (...words) =>
      words[0] === 'AUTH' ? '-ERR AUTH <password> called without any password configured\r\n' : polite(...words)
    const stream = () => new ScriptedStream(script)
    const nodes = [{ name: 'there', queue: stream(), gets: stream() }]
    expect(() => new RedisMemory(nodes, new Uint8Array(PAGE), { run: 'run', password: 'x' })).not.toThrow()
  })
})

describe('an answer', () => {
  it('that comes byte by byte is one', () => {
    const { open, arena } = play((...words) => (words[0] === 'HGET' ? `$3\r\na\r\n\r\n` : polite(...words)), 1)
    const { memory, ends } = open()
    memory.put(0, 0, 0, 100, 1)
    memory.drain()
    expect(ends).toEqual([PUT_STORED])
    expect(memory.get(0, 0, PAGE)).toBe(3)
    expect(Buffer.from(arena.subarray(PAGE, PAGE + 3)).toString()).toBe('a\r\n')
  })

  it('that ends in the middle is a lost node, and the arena is not touched', () => {
    const dies = (...words: string[]) => (words[0] === 'HGET' && words[2] === '1' ? '$3000\r\nabc' : polite(...words))
    const { open, arena, gets } = play(dies)
    const { memory } = open()
    const before = arena.slice()
    expect(() => memory.get(0, 256, PAGE)).toThrow(
      'Node there is lost, and the pages it held with it: no answer within',
    )
    expect(arena).toEqual(before)
    memory.close()
    expect(gets.closed).toBe(true)
  })

  it('to a put says what became of it, and one that says neither is no answer to a put', () => {
    for (const [answer, end] of [
      [':0\r\n', PUT_STORED],
      ['-OOM command not allowed\r\n', PUT_NO_MEMORY],
      ['-MISCONF unable to persist\r\n', PUT_REFUSED],
    ] as const) {
      let greeted = false
      const { open } = play((...words) => (greeted && words[0] === 'HSET' ? answer : polite(...words)))
      const { memory, ends } = open()
      greeted = true
      memory.put(0, 0, 0, 100, 1)
      memory.drain()
      expect(ends).toEqual([end])
    }
    for (const answer of ['+OK\r\n', '$1\r\n7\r\n', '$-1\r\n', '*0\r\n']) {
      let greeted = false
      const { open } = play((...words) => (greeted && words[0] === 'HSET' ? answer : polite(...words)))
      const { memory } = open()
      greeted = true
      memory.put(0, 0, 0, 100, 1)
      expect(() => memory.drain(), answer).toThrow('a put was answered')
    }
  })

  it('that refuses a flush ends it: what stays there could never be told from what should', () => {
    let greeted = false
    const { open } = play((...words) =>
      greeted && words[0] === 'HDEL' ? "-READONLY You can't write against a read only replica.\r\n" : polite(...words),
    )
    const { memory } = open()
    greeted = true
    memory.flush(0, 0)
    expect(() => memory.drain()).toThrow('a flush was answered "READONLY You can\'t write')
  })

  it('that nothing was asked for is a lost node: the next would be taken for another', () => {
    let greeted = false
    const { open } = play((...words) => (greeted && words[0] === 'HSET' ? ':1\r\n:1\r\n' : polite(...words)))
    const { memory, ends } = open()
    greeted = true
    memory.put(0, 0, 0, 100, 1)
    expect(() => memory.drain()).toThrow('an answer that nothing was asked for')
    expect(ends).toEqual([PUT_STORED])
  })

  it('that was given before the server hung up is heard', () => {
    let refused = false
    const { open } = play((...words) => {
      if (refused) return HANGS_UP
      refused = true
      return words[0] === 'CLIENT' ? '-ERR max number of clients reached\r\n' : polite(...words)
    })
    expect(open).toThrow('max number of clients reached')
  })
})

it('hung up on in the middle of many puts, it tells of those that were answered, and closes without waiting', () => {
  let puts = 0
  const { open, queue } = play((...words) => {
    if (words[0] !== 'HSET') return polite(...words)
    return ++puts > 11 ? HANGS_UP : ':1\r\n'
  })
  const { memory, ends } = open()
  for (let id = 1; id <= 20; id++) memory.put(0, 256 * id, 0, 500, id)
  expect(() => memory.drain()).toThrow('Node there is lost')
  expect(ends).toHaveLength(10)
  memory.close()
  expect(queue.closed).toBe(true)
})
