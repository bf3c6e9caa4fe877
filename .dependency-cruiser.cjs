/**
 * The arrows of docs/architecture.md. Imports point one way:
 *   hosts -> lab -> db;  lab -> bench (its door only: the engine is started as a process);
 *   bench -> mm -> frontswap <- zcache -> swapfile, remote -> native-bench;  bench -> kernel;  everybody -> contract.
 * A room is entered through its door. `.ci/imports.test.ts` plants one forbidden import per rule and expects it reported.
 */

/** The addon and memory for it, its types, and the host probes. */
const NATIVE_DOORS = '^native-bench/(index|addon|host)\\.ts$'

/** Rooms and what each may enter. A pattern is matched against the whole path of the imported file. */
const ROOMS = {
  contract: { at: '^main/contract/', may: [] },
  hosts: { at: '^main/hosts/', may: ['^main/lab/index\\.ts$'] },
  // The host probe is the lab's; the primitives it reads with are native-bench's.
  lab: {
    at: '^main/lab/',
    // Its tests, too, start servers of the host's own.
    may: ['^db/index\\.ts$', '^main/bench/index\\.ts$', '^main/remote/fixture-redis\\.ts$', NATIVE_DOORS],
  },
  bench: {
    at: '^main/bench/',
    // Tests of both rooms change the swap of the one kernel there is, in turns, and read samples of its files.
    may: [
      '^main/(mm|zcache|swapfile|remote|kernel)/index\\.ts$',
      '^main/kernel/testing/(one|sample)-kernel\\.ts$',
      // Its own start servers of the host's own.
      '^main/remote/fixture-redis\\.ts$',
      NATIVE_DOORS,
    ],
  },
  kernel: { at: '^main/kernel/', may: [NATIVE_DOORS] },
  mm: { at: '^main/mm/', may: ['^main/swapfile/index\\.ts$'] },
  zcache: {
    at: '^main/zcache/',
    // The meters of tests that measure nothing are one.
    may: ['^main/mm/(index|frontswap|fixture-meters)\\.ts$', '^main/(swapfile|remote)/index\\.ts$', NATIVE_DOORS],
  },
  swapfile: { at: '^main/swapfile/', may: [NATIVE_DOORS] },
  remote: { at: '^main/remote/', may: [NATIVE_DOORS] },
  'native-bench': { at: '^native-bench/', may: [] },
  db: { at: '^db/', may: [] },
  renderer: { at: '^renderer/', may: [] },
  e2e: { at: '^e2e/', may: ['^renderer/fixture-lab/serve\\.ts$', '^main/remote/fixture-redis\\.ts$'] },
  '.ci': { at: '^\\.ci/', may: ['^e2e/chromium\\.ts$'] },
}

const CONTRACT_DOOR = '^main/contract/index\\.ts$'
const ANY_ROOM = '^(main|native-bench|db|renderer|e2e|\\.ci)/'

const arrows = Object.entries(ROOMS).map(([room, { at, may }]) => ({
  name: `arrow-${room}`,
  comment: `${room} may import of this repository only itself, the contract's door${may.length ? `, ${may.join(', ')}` : ''}`,
  severity: 'error',
  from: { path: at },
  to: { path: ANY_ROOM, pathNot: [at, CONTRACT_DOOR, ...may] },
}))

/** What must work on a virtual clock, without a window, a history or a network. */
const ENGINE = '^main/(mm|zcache|swapfile)/'
const TESTS = '\\.test\\.tsx?$'
/** What tests share, and what goes on with them for hours. */
const FIXTURES = '(/fixture-[^/]*|/testing/[^/]*|\\.soak)\\.ts$'

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'no-cycle',
      comment: 'a cycle has no first page to read',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that does not resolve escapes every other rule',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(electron|.*\\.node)$' },
    },
    {
      name: 'electron-only-in-its-door',
      comment: "only main/hosts/electron may import 'electron'",
      severity: 'error',
      from: { pathNot: '^(main/hosts/electron/|electron\\.vite\\.config\\.ts$)' },
      to: { path: '(^|/)node_modules/(electron|electron-vite)/|^electron(/|$)' },
    },
    {
      name: 'contract-is-pure',
      comment: 'the contract runs in a browser: no Node, and of npm only zod and @orpc/contract',
      severity: 'error',
      from: { path: '^main/contract/', pathNot: TESTS },
      to: { pathNot: ['^main/contract/', 'node_modules/(zod|@orpc/contract)/'] },
    },
    {
      name: 'renderer-is-a-browser',
      comment: 'the interface has no Node (its build configuration and its tests have)',
      severity: 'error',
      from: { path: '^renderer/', pathNot: [TESTS, '^renderer/vite\\.config\\.ts$', '^renderer/fixture-lab/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'fixture-stays-out-of-the-interface',
      comment: 'the made-up lab for working on the interface is never part of it',
      severity: 'error',
      from: { path: '^renderer/', pathNot: [TESTS, '^renderer/fixture-lab/'] },
      to: { path: '^renderer/fixture-lab/' },
    },
    {
      name: 'engine-knows-no-host',
      comment: 'mm, zcache and swapfile know nothing of Electron, SQLite, HTTP or sockets',
      severity: 'error',
      from: { path: ENGINE, pathNot: TESTS },
      to: {
        path: [
          'node_modules/(electron|better-sqlite3|kysely|hono|@hono|ws|@orpc)/',
          '^(node:)?(http|https|http2|net|tls|dgram|sqlite|worker_threads|child_process)$',
        ],
      },
    },
    {
      name: 'engine-has-no-wall-clock',
      comment: 'time comes in through an interface, so that a run can be repeated on a virtual clock',
      severity: 'error',
      from: { path: ENGINE, pathNot: TESTS },
      to: { path: '^(node:)?(perf_hooks|timers|timers/promises)$' },
    },
    {
      name: 'history-has-one-owner',
      comment: 'SQLite is reached through db only',
      severity: 'error',
      from: { pathNot: '^db/' },
      to: { path: 'node_modules/(better-sqlite3|kysely)/' },
    },
    {
      name: 'no-dev-dependency-at-run-time',
      comment: 'what runs on a user\'s machine is listed under "dependencies"',
      severity: 'error',
      from: { path: '^(main|db|native-bench)/', pathNot: [TESTS, FIXTURES, '^native-bench/boundary-fuzz\\.ts$'] },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['npm', 'type-only'],
        pathNot: ['node_modules/(@types|electron)/'],
      },
    },
  ],
  options: {
    // `import type` is an arrow too: a type is knowledge.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|native-bench/build)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    combinedDependencies: false,
  },
}
