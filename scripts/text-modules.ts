import type { Plugin } from 'vite'

/** Imports `.sql` and `.lua` files as text, as the build does. */
export function textModules(): Plugin {
  return {
    name: 'text-modules',
    transform(code, id) {
      if (/\.(sql|lua)$/.test(id)) return { code: `export default ${JSON.stringify(code)}`, map: null }
      return null
    },
  }
}
