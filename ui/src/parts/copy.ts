import { ref } from 'vue'

/** Puts text on the clipboard; `copied` is true for a moment afterwards. */
export function useCopy() {
  const copied = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text)
    copied.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (copied.value = false), 1_500)
  }

  return { copied, copy }
}
