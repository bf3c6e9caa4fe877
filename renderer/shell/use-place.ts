import { useCallback } from 'react'
import { useSearch } from 'wouter'
import { navigate, splitHash } from './hash-location.ts'

/**
 * What is chosen on a page, kept in its address: a link, a reload and coming back show the same. A choice replaces the address, so that Back leaves the
 * page; null or an empty text takes it out.
 */
export function usePlace(): [URLSearchParams, (choices: Record<string, string | null>) => void] {
  const place = new URLSearchParams(useSearch())
  const choose = useCallback((choices: Record<string, string | null>) => {
    const { path, search } = splitHash(window.location.hash)
    const next = new URLSearchParams(search)
    for (const [name, value] of Object.entries(choices)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    navigate(next.size > 0 ? `${path}?${next}` : path, { replace: true })
  }, [])
  return [place, choose]
}
