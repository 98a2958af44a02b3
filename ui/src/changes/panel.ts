import { defineAsyncComponent } from 'vue'

import { withTexts } from '@/i18n'

/** The panel with its texts, loaded when it is first shown. */
export const WhatWouldChange = defineAsyncComponent(withTexts('changes', () => import('./WhatWouldChange.vue')))
