/** Rows and options to look at parts with. */
export function useListDemo() {
  const states = ['delivered', 'held', 'waiting', 'dead_lettered', 'pending']
  const types = ['lab.result.critical', 'appointment.cancelled', 'encounter.admitted', 'medication.prescribed']
  const at = Date.now()
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    id: `dlv_${String(index).padStart(12, '0')}kqam094`,
    type: types[index % types.length]!,
    state: states[(index * 7) % states.length]!,
    ms: ((index * 37) % 900) + 3,
    at: new Date(at - index * 4_000).toISOString(),
  }))
  const options = ['critical', 'urgent', 'routine', 'bulk'].map((value) => ({ value, label: value, hint: `the ${value} lane` }))
  const filterKeys = [
    { key: 'type', label: 'Event type', example: 'lab.*' },
    { key: 'state', label: 'State', values: states.map((value) => ({ value, label: value })), only: true },
    { key: 'after', label: 'Accepted after', time: true, example: '-2h' },
  ]
  return { rows, options, filterKeys }
}
