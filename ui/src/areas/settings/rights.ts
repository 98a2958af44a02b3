import { computed } from 'vue'

import { useSession } from '@/session/store'

/** Whether who is signed in administers the organisation: keys and other organisations are theirs alone. */
export function useIsAdmin() {
  const session = useSession()
  return computed(() => session.who?.role === 'admin')
}
