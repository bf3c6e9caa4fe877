/**
 * The page table:
 *
 * pte  Int32  row = vpn  PTE_NONE never touched, or a page of the mapped file that is not in RAM | frame >= 0 | -2-slot swapped out
 */

export const PTE_NONE = -1
