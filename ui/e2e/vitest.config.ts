import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

// The stories of the console in a real browser, against the real binary. `CAREHOOK_BINARY` names it.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    environment: 'node',
    include: ['stories/*.test.ts'],
    // One server and one browser a file; two cores carry two files.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
