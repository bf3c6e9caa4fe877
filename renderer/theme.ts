import { type CSSVariablesResolver, createTheme, Fieldset, Modal, ScrollArea } from '@mantine/core'
import { GROUND, type Scheme } from './lane-colour.ts'

/** A calm instrument: system fonts, small radii, one accent. No font or picture is ever fetched. */
export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono", monospace',
  // Mantine's own dark greys are warm, and lie on our cold ones like something foreign.
  colors: {
    dark: [
      '#d3d9df',
      '#b9c1c9',
      '#8b949d',
      '#727c86',
      '#48515a',
      '#39414a',
      '#2a3037',
      '#1f2328',
      '#1a1d21',
      '#16191d',
    ],
  },
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 'sm',
  // The ring of app.css, which can be seen on both grounds, instead of Mantine's.
  focusClassName: 'focus-ring',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // What goes on beyond the edge of a table shows that it does, beside its figures.
    ScrollArea: ScrollArea.extend({ defaultProps: { type: 'auto', offsetScrollbars: 'present' } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } },
      styles: { title: { fontWeight: 600 } },
    }),
    // Mantine's own is of another grey than what it lies on, and in a narrow window leaves a third of it to its frames.
    Fieldset: Fieldset.extend({
      styles: { root: { background: 'var(--mantine-color-body)', paddingInline: 'clamp(10px, 2.5vw, 20px)' } },
    }),
  },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.15rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
})

/** Mantine's dimmed, placeholder and error colours are below 4.5:1 on its own grounds; these are above (tested). */
export const TEXT = {
  light: { plain: '#000000', dimmed: '#50575e', error: '#b42318', link: '#1558a6' },
  dark: { plain: '#d3d9df', dimmed: '#a9b1b9', error: '#ff9b91', link: '#7db9f5' },
} as const

/** Lines behind what a chart draws. */
export const GRID = { light: '#d9dde2', dark: '#3a4047' } as const satisfies Record<Scheme, string>

export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': GROUND.light,
    '--mantine-color-dimmed': TEXT.light.dimmed,
    '--mantine-color-placeholder': TEXT.light.dimmed,
    '--mantine-color-error': TEXT.light.error,
    '--mantine-color-anchor': TEXT.light.link,
    // Under the pointer too the text of a subtle button is above 4.5:1.
    '--mantine-color-blue-light-hover': 'var(--mantine-color-blue-1)',
    '--combobox-chevron-color': TEXT.light.dimmed,
    '--swaplab-ground': '#f4f5f7',
    '--swaplab-line': '#d9dde2',
    '--swaplab-good': '#0b6b3a',
    '--swaplab-warn': '#8a5300',
    '--swaplab-bad': TEXT.light.error,
  },
  dark: {
    '--mantine-color-body': GROUND.dark,
    '--mantine-color-dimmed': TEXT.dark.dimmed,
    '--mantine-color-placeholder': TEXT.dark.dimmed,
    '--mantine-color-error': TEXT.dark.error,
    '--mantine-color-anchor': TEXT.dark.link,
    '--mantine-color-blue-light-color': TEXT.dark.link,
    '--combobox-chevron-color': TEXT.dark.dimmed,
    '--swaplab-ground': '#16191d',
    '--swaplab-line': '#3a4047',
    '--swaplab-good': '#6fd39b',
    '--swaplab-warn': '#f2bd6b',
    '--swaplab-bad': TEXT.dark.error,
  },
})
