/** The few pages that are shown before the interface is. Plain, no script, readable in a terminal browser. */

const asText = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** @param head trusted markup for <head>. `lines` are plain text, one paragraph each. */
function plainPage(title: string, lines: readonly string[], head = ''): string {
  const body = lines.map((line) => `<p>${asText(line)}</p>`).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${asText(title)} · Swaplab</title>${head}
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
</head><body><main><h1>${asText(title)}</h1>
${body}
</main></body></html>
`
}

export const signInPage = () =>
  plainPage('This lab needs its address', [
    'The lab opens with the address that was printed in the terminal where it was started: it ends in "/?token=…".',
    'Each such address opens the lab once; whenever one is used, the next one is printed there.',
    'If that terminal is gone, stop the lab and start it again with "npm start".',
  ])

export const staleTokenPage = () =>
  plainPage('This address was used already, or is too old', [
    'Each address opens the lab once and within a limited time. A fresh one was just printed in the terminal where the lab was started.',
  ])

export const wrongHostPage = (port: number) =>
  plainPage('This is not the name of the lab', [
    `The lab answers only to its own name and port. Open it as http://127.0.0.1:${port}/ on the machine itself.`,
    `From another machine, forward the same port number: ssh -L ${port}:127.0.0.1:${port} USER@MACHINE, then open http://127.0.0.1:${port}/ there.`,
  ])

export const notFoundPage = () =>
  plainPage('There is nothing here', ['The lab has no such page. Its front page is at "/".'])

/**
 * Stands in for a redirect where the person came from another site (a terminal in a browser, a link in a mail): a SameSite=Strict
 * cookie is withheld along a chain of redirects that began elsewhere, but not on a step that this page takes itself.
 */
export const enterPage = () =>
  plainPage('Opening the lab', ['One moment.'], '<meta http-equiv="refresh" content="0; url=/">')
