import { defineConfig, type Options } from 'tsup'

const shared: Options = {
  format: 'esm',
  target: 'node22',
  platform: 'node',
  outDir: 'dist',
  sourcemap: true,
  clean: true,
  silent: true,
  // SQL and Lua live in files of their own and are bundled as text.
  loader: { '.sql': 'text', '.lua': 'text' },
  // tsup strips `node:` by default, and `sqlite` alone is no module.
  removeNodeProtocol: false,
}

/** A package that is published: each entry is `src/<name>.ts`, bundled with its declarations. */
export function library(entries: readonly string[]): ReturnType<typeof defineConfig> {
  return defineConfig({ ...shared, entry: sources(entries), dts: true })
}

/** A program that is only run. `external`: what is for development and yet loaded, not bundled. */
export function program(
  entries: readonly string[],
  { external = [] }: Pick<Options, 'external'> = {},
): ReturnType<typeof defineConfig> {
  return defineConfig({ ...shared, entry: sources(entries), external })
}

function sources(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`]))
}
