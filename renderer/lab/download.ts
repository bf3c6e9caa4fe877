/** Hands a text to the browser (or Electron) as a file to save. */
export function download({ filename, mime, text }: { filename: string; mime: string; text: string }): void {
  const url = URL.createObjectURL(new Blob([text], { type: mime }))
  const link = document.createElement('a')
  link.href = url
  link.download = filename
  link.click()
  // The download has its own reference once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
