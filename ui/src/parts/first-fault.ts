import { nextTick } from 'vue'

/** Leads to the first field of a form that was found wrong, once that is drawn: it may stand far above the button. */
export async function showFirstFault(form: HTMLElement | null): Promise<void> {
  await nextTick()
  form?.querySelector<HTMLElement>(':is(input, select, textarea)[aria-invalid="true"]')?.focus()
}
