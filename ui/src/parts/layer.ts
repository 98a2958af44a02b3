import { inject, type InjectionKey, provide, type Ref, ref } from 'vue'

const LAYER: InjectionKey<Ref<HTMLElement | null>> = Symbol('layer')

/** A modal dialog says that what floats inside it belongs into it: above it nothing else is seen. */
export function provideLayer(element: Ref<HTMLElement | null>): void {
  provide(LAYER, element)
}

/** Where menus, hints and lists of choices are put: the dialog around them, or the page. */
export function useLayer(): Ref<HTMLElement | null> {
  return inject(LAYER, ref(null))
}
