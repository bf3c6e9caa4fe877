/** Which of the lanes of the form are folded to a line, by their places: it goes with a lane wherever that goes. */
export type Folds = ReadonlySet<number>

/** So many lanes are seen at once; of more, first their names. */
const MOST_OPEN = 3

export const allFolded = (count: number): Folds => new Set(Array.from({ length: count }, (_, place) => place))

export const foldedAtFirst = (count: number): Folds => (count > MOST_OPEN ? allFolded(count) : new Set())

export const withFold = (folds: Folds, place: number, folded: boolean): Folds =>
  new Set(folded ? [...folds, place] : [...folds].filter((other) => other !== place))

/** With one more at a place, which is open. */
export const withInserted = (folds: Folds, at: number): Folds =>
  new Set([...folds].map((place) => (place >= at ? place + 1 : place)))

export const withRemoved = (folds: Folds, at: number): Folds =>
  new Set([...folds].flatMap((place) => (place === at ? [] : [place > at ? place - 1 : place])))

export const withSwapped = (folds: Folds, first: number, second: number): Folds =>
  new Set([...folds].map((place) => (place === first ? second : place === second ? first : place)))
