/** A name as /proc writes it: space, tab, newline and backslash stand there as a backslash and three octal digits. */
export function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
