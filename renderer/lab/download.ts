/** Hands a text to the browser (or Electron) as a file to save. */
export function download({ filename, mime, text }: { filename: string; mime: string; text: string }): void {
  saveFile(filename, new Blob([text], { type: mime }))
}

export function saveFile(filename: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = filename
  link.click()
  // The download has its own reference once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
