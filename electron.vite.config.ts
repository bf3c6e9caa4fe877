import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import { mergeConfig } from 'vite'
import renderer from './renderer/vite.config.ts'

const at = (path: string) => resolve(import.meta.dirname, path)

/** A test of the build makes it elsewhere. */
const OUT = process.env.SWAPLAB_OUT ?? at('out')

/** Packages with native parts, or that find files beside themselves, are loaded from node_modules as they are. */
const EXTERNAL = ['better-sqlite3', /\.node$/]

export default defineConfig({
  main: {
    build: {
      outDir: resolve(OUT, 'main'),
      rollupOptions: {
        input: {
          index: at('main/hosts/electron/index.ts'),
          engine: at('main/bench/process.ts'),
          'sweep-worker': at('main/bench/simulate/sweep-worker.ts'),
        },
        external: EXTERNAL,
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(OUT, 'preload'),
      // A sandboxed preload has no module loader: one CommonJS file, everything inside it.
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: at('main/hosts/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  // The same bundle as the browser's. Its folders are named again: bundled into this file, that configuration's own
  // `import.meta.dirname` is this folder.
  renderer: mergeConfig(renderer, {
    root: at('renderer'),
    build: {
      outDir: resolve(OUT, 'renderer'),
      emptyOutDir: true,
      minify: true,
      rollupOptions: { input: at('renderer/index.html') },
    },
  }),
})
