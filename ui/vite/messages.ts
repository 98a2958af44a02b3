import { baseCompile } from '@intlify/message-compiler'
import type { Plugin } from 'vite'

type Tree = string | { [key: string]: Tree }

/**
 * Compiles `src/i18n/<language>/*.json` while building, so that the browser needs no compiler.
 *
 * Plain texts stay strings; what has places or plural forms becomes the tree that vue-i18n reads.
 */
export function messages(): Plugin {
  return {
    name: 'messages',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/i18n\/[a-z]+\/[\w-]+\.json$/ },
      handler(code, id) {
        const tree = compiled(JSON.parse(code) as Tree, id)
        return { code: `export default ${JSON.stringify(tree)}`, map: null, moduleType: 'js' }
      },
    },
  }
}

function compiled(tree: Tree, place: string): unknown {
  if (typeof tree !== 'string') {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, compiled(value, `${place} ${key}`)]))
  }
  if (!/[{|@]/.test(tree)) return tree
  const { ast } = baseCompile(tree, {
    jit: true,
    minify: true,
    location: false,
    onError: (error) => {
      throw new Error(`${place}: ${error.message}`)
    },
  })
  return ast
}
