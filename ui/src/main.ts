import './tokens/index.css'
import './parts/control.css'

import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { i18n, preferredLanguage, speak } from './i18n'
import { router } from './router'
import { recallLook } from './tokens/look'

recallLook()
await speak(preferredLanguage())
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
