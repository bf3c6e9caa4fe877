import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * The window's bundle. electron.vite.config.ts reuses it as its renderer part.
 * Nothing may end up inline: both doors serve it under `default-src 'self'; script-src 'self'; style-src 'self'
 * 'unsafe-inline'` (Mantine writes its variables into a style element), so assets are never turned into data: URLs.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  server: { proxy: { '/rpc': { target: 'ws://127.0.0.1:4180', ws: true } } },
  build: {
    outDir: resolve(import.meta.dirname, '../out/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: resolve(import.meta.dirname, 'index.html') },
  },
})
