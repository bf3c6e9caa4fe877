/** Pages of a trial's arena behind its frames: two for a compressed page come first. */

/** For the allocator, while it moves a zpage. */
export const BOUNCE_PAGE = 2
/** A page that is compressed once more. */
export const RECOMPRESS_PAGE = 3
/** The rest: slots that are read back together at the end. */
export const VERIFY_PAGE = 4
export const VERIFY_RUN = 32
export const SCRATCH_PAGES = VERIFY_PAGE + VERIFY_RUN
