import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import { mergeConfig } from 'vite'
import renderer from './renderer/vite.config.ts'

const at = (path: string) => resolve(import.meta.dirname, path)

/** Packages with native parts, or that find files beside themselves, are loaded from node_modules as they are. */
const EXTERNAL = ['better-sqlite3', /\.node$/]

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      rollupOptions: {
        input: { index: at('main/hosts/electron/index.ts'), engine: at('main/bench/process.ts') },
        external: EXTERNAL,
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      // A sandboxed preload has no module loader: one CommonJS file, everything inside it.
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: at('main/hosts/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  // The same bundle as the browser's; only its first file must be named, because it does not lie where electron-vite looks.
  renderer: mergeConfig(renderer, { build: { minify: true, rollupOptions: { input: at('renderer/index.html') } } }),
})
