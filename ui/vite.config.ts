import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

import { messages } from './vite/messages.ts'

// Where `npm run dev` finds a running server.
const server = process.env.CAREHOOK_URL ?? 'http://127.0.0.1:8080'
const doors = ['/admin', '/session', '/ingest', '/stream', '/metrics', '/healthz', '/readyz', '/openapi.json', '/fhir']

export default defineConfig({
  plugins: [messages(), vue()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // The build without a compiler: messages are compiled in vite/messages.ts.
      'vue-i18n': 'vue-i18n/dist/vue-i18n.runtime.mjs',
    },
  },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'true',
  },
  build: {
    outDir: 'dist',
    // light-dark() is kept as it is from here on.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // Inlined files would be data: addresses, which the content security policy refuses for all but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(doors.map((door) => [door, { target: server, changeOrigin: false }])),
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
  },
})
