/** Shells that can be told what may stand at the cursor. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/*
 * Each asks "complete" of the very program that is being typed, which answers a word a line, with a tab and what it is; nothing where a
 * file may stand. Nothing that was typed is evaluated. A word that ends in = or . is gone on with: no blank behind it.
 */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  // bash parts words at =, : and @ too, and leaves quotes in them: it is given the line, and answered with what is left of the word.
  bash: `_swaplab() {
  local IFS=$'\\n'
  mapfile -t COMPREPLY < <("$1" complete --line "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  if [[ \${COMPREPLY[0]-} == *[=.] ]]; then compopt -o nospace; fi
}
complete -o bashdefault -o default -F _swaplab swaplab
`,
  zsh: `#compdef swaplab
_swaplab() {
  local line
  local -a values shown blank
  for line in "\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  }")
  done
  (( $#values )) || { _files; return }
  [[ $values[1] == *[=.] ]] && blank=(-S '')
  compadd -l $blank -d shown -a values
}
compdef _swaplab swaplab
`,
  fish: `function __swaplab_complete
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -eq 0
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c swaplab -f -a '(__swaplab_complete)'
`,
}

export const completionScript = (shell: Shell): string => SCRIPTS[shell]

/** Words of a line up to the cursor, as a shell parts them; the last is the one that is being typed. */
interface Typed {
  words: string[]
  /** The one the cursor stands within, or none. */
  quote: '"' | "'" | ''
  /** How long the last word was where that quote was opened. */
  quotedFrom: number
}

export function typedWords(line: string): Typed {
  const words = ['']
  let quote: Typed['quote'] = ''
  let quotedFrom = 0
  for (let at = 0; at < line.length; at++) {
    const character = line[at]
    const last = words.length - 1
    if (character === '\\' && quote !== "'") words[last] += line[++at] ?? ''
    else if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character
      quotedFrom = words[last].length
    } else if (quote === '' && /\s/.test(character)) {
      if (words[last] !== '' || /["']/.test(line[at - 1] ?? '')) words.push('')
    } else words[last] += character
  }
  return { words, quote, quotedFrom }
}

/**
 * What bash is to put in place of the part of the word that it holds for one, which begins behind a quote that is open, else behind the
 * last = or :, or with the last @. It puts it there as it is, and a value may be anybody's: a tag comes with a bundle.
 */
export function forBash(value: string, { words, quote, quotedFrom }: Typed): string {
  if (quote === "'") return value.slice(quotedFrom).replaceAll("'", "'\\''")
  // The ! of history is one within double quotes too, and a backslash would stay there.
  if (quote === '"')
    return value
      .slice(quotedFrom)
      .replace(/[\\$`"]/g, '\\$&')
      .replaceAll('!', '"\\!"')
  const typed = words[words.length - 1]
  const kept = Math.max(typed.lastIndexOf('=') + 1, typed.lastIndexOf(':') + 1, typed.lastIndexOf('@'))
  return value.slice(kept).replace(/[^\w@%+=:,./-]/gu, '\\$&')
}
