/** A template as it is typed: what it says, or why it is no JSON. */
export function readTemplate(text: string): { value: unknown; fault: string | null } {
  if (!text.trim()) return { value: null, fault: null }
  try {
    return { value: JSON.parse(text) as unknown, fault: null }
  } catch (why) {
    return { value: null, fault: (why as Error).message }
  }
}
