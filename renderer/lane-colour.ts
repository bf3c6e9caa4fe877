/**
 * The look of a lane: assigned by its place in the specification and the same in every chart and table.
 * Hues after Okabe & Ito (2008) and Paul Tol's "bright", each darkened or lightened until it has at least 3:1 against the
 * light or dark ground (tested). Colour is never the only cue: dash and point shape change with the lane too.
 */

export type Scheme = 'light' | 'dark'
export type PointShape = 'circle' | 'rect' | 'triangle' | 'rectRot' | 'star' | 'cross'

export interface LaneLook {
  colour: string
  /** Canvas line dash in px; empty is solid. */
  dash: readonly number[]
  point: PointShape
}

export const GROUND = { light: '#ffffff', dark: '#1f2328' } as const satisfies Record<Scheme, string>

const HUES: readonly Record<Scheme, string>[] = [
  { light: '#0072b2', dark: '#56b4e9' }, // blue
  { light: '#d55e00', dark: '#ff9e4a' }, // vermillion
  { light: '#007a5a', dark: '#2cc59b' }, // bluish green
  { light: '#aa3377', dark: '#ee99cc' }, // reddish purple
  { light: '#7a6000', dark: '#f0e442' }, // yellow
  { light: '#444444', dark: '#c8c8c8' }, // black, turned to grey
]
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2]]
const POINTS: readonly PointShape[] = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'cross']

/** The look of lane `index` (0-based). The second half of the twelve lanes repeats the hues with another dash and point. */
export function laneLook(index: number, scheme: Scheme): LaneLook {
  const turn = Math.floor(index / HUES.length)
  return {
    colour: HUES[index % HUES.length][scheme],
    dash: DASHES[(index + turn) % DASHES.length],
    point: POINTS[(index + turn) % POINTS.length],
  }
}

/** Where a fault was served. One muted colour each (Paul Tol's "muted"), kept apart from the lanes' by hue and use. */
export const TIERS = ['zeromap', 'pool', 'cleancache', 'swapcache', 'remote', 'disk', 'file', 'zero'] as const
export type Tier = (typeof TIERS)[number]

const TIER_COLOURS: Record<Tier, Record<Scheme, string> & { dash: readonly number[] }> = {
  zeromap: { light: '#332288', dark: '#a9a3e8', dash: [12, 4] },
  pool: { light: '#117733', dark: '#6cc285', dash: [] },
  cleancache: { light: '#2f6f9f', dark: '#8cc4e8', dash: [5, 2] },
  swapcache: { light: '#6f6a00', dark: '#ddcc77', dash: [9, 3, 2, 3] },
  remote: { light: '#7a3fa0', dark: '#cf9af0', dash: [3, 3] },
  disk: { light: '#882255', dark: '#e58ab5', dash: [7, 3] },
  file: { light: '#a03a1a', dark: '#f0a080', dash: [12, 3] },
  zero: { light: '#5f6770', dark: '#a9b1b9', dash: [2, 3] },
}

export function tierLook(tier: Tier, scheme: Scheme): { colour: string; dash: readonly number[] } {
  return { colour: TIER_COLOURS[tier][scheme], dash: TIER_COLOURS[tier].dash }
}

export const TIER_TITLES = {
  zeromap: 'Zero map',
  pool: 'Pool',
  cleancache: 'Cleancache',
  swapcache: 'Swap cache',
  remote: 'Another machine',
  disk: 'Disk',
  file: 'Mapped file',
  zero: 'First touch (zero)',
} as const satisfies Record<Tier, string>

/** Only where part of the workload is file-backed, pages are sent to other machines, or there is a zero map. */
export const RARE_TIERS: readonly Tier[] = ['zeromap', 'cleancache', 'file', 'remote']

const isTier = (path: string): path is Tier => TIERS.some((tier) => tier === path)

export const pathTitle = (path: string): string =>
  isTier(path) ? TIER_TITLES[path] : path.charAt(0).toUpperCase() + path.slice(1)

/** The known tiers first, from the cheapest to the dearest; then whatever else there is. */
export function inTierOrder(paths: ReadonlySet<string>): string[] {
  return [...TIERS.filter((tier) => paths.has(tier)), ...[...paths].filter((path) => !isTier(path))]
}

const OTHER_PATHS: readonly Record<Scheme, string>[] = [
  { light: '#44667a', dark: '#8fb8cc' },
  { light: '#7a4a12', dark: '#d6a36a' },
]

/** Colour of a path of fault time: a tier's own, or one of two for paths this window does not know yet. */
export function pathColour(path: string, index: number, scheme: Scheme): string {
  return isTier(path) ? TIER_COLOURS[path][scheme] : OTHER_PATHS[index % OTHER_PATHS.length][scheme]
}

/** WCAG relative luminance contrast of two #rrggbb colours, 1..21. */
export function contrast(first: string, second: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [lighter, darker] = [luminance(first), luminance(second)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}
