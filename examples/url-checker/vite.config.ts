import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where the API is while the page is worked on: `npx vite`, beside an API that runs. */
const api = 'http://localhost:3000'
const routes = ['/add_job', '/get_jobs', '/get_pending_jobs', '/live']

export default defineConfig({
  root: from('page'),
  // The page works under any path of a reverse proxy.
  base: './',
  plugins: [vue()],
  build: { outDir: from('dist/page'), emptyOutDir: true, target: 'es2022' },
  server: { proxy: Object.fromEntries(routes.map((route) => [route, api])) },
})
