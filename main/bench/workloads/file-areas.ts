/** Pages of one mapping of the file, 64 KiB: anonymous memory and mappings alternate over the address space, as no pattern of access favours. */
const AREA_PAGES = 16

/** Which part of an address space is a private mapping of a file. */
export interface FileAreas {
  /** Row = vpn: page of the file, -1 for anonymous memory. */
  pageOf: Int32Array
  /** Row = page of the file: the page of the address space that maps it. */
  vpnOf: Int32Array
}

/**
 * Spreads file-backed areas evenly over the address space.
 * @param share 0..1
 * @returns null where the share comes to no area
 */
export function fileAreas(pages: number, share: number): FileAreas | null {
  const pageOf = new Int32Array(pages).fill(-1)
  const vpnOf: number[] = []
  for (let vpn = 0; vpn < pages; vpn++) {
    const area = Math.floor(vpn / AREA_PAGES)
    if (Math.floor((area + 1) * share) > Math.floor(area * share)) pageOf[vpn] = vpnOf.push(vpn) - 1
  }
  return vpnOf.length === 0 ? null : { pageOf, vpnOf: Int32Array.from(vpnOf) }
}
