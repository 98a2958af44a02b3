import { watch } from 'vue'

/** A form, and whoever tells what stands in it. */
interface Followed<T> {
  /** What the form is about: another one is put in whatever was typed. */
  of: () => unknown
  /** What is told of it; undefined until it is. */
  told: () => T | undefined
  /** What stands in the form now. */
  form: () => unknown
  put: (told: T) => void
}

/**
 * Puts what is told into a form, and later tellings too, as long as nobody has typed: what is asked again, when the
 * server is back or somebody changed something, never wipes out what is typed. The result says that it is saved.
 */
export function follow<T>({ of, told, form, put }: Followed<T>): () => void {
  let at: unknown = follow
  let untouched = ''
  const saved = () => void (untouched = JSON.stringify(form()))
  watch(
    [of, told] as const,
    ([now, value]) => {
      if (value === undefined || (now === at && JSON.stringify(form()) !== untouched)) return
      put(value)
      at = now
      saved()
    },
    { immediate: true },
  )
  return saved
}
