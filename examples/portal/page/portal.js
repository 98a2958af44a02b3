// Fills the page from what the portal tells. Everything is text: nothing that arrives becomes markup.
const rows = document.getElementById('rows')
const present = document.getElementById('present')
const state = document.getElementById('state')
const here = new Set()

const live = new EventSource('/live')
live.onopen = () => {
  // What was there before is told again.
  rows.replaceChildren()
  here.clear()
  state.textContent = 'live'
}
live.onerror = () => (state.textContent = 'connecting')
live.onmessage = ({ data }) => show(JSON.parse(data))

function show({ type, time, lane, test, who }) {
  document.getElementById('empty').hidden = true
  if (who && type === 'encounter.admitted') here.add(who)
  if (who && type === 'encounter.discharged') here.delete(who)
  present.replaceChildren(...(here.size ? [...here].map((name) => element('li', short(name))) : [element('li', 'Nobody', 'none')]))
  const row = element('tr', '', lane)
  const when = element('time', new Date(time).toLocaleTimeString())
  when.dateTime = time
  row.append(element('td'), element('td', words(type)), element('td', who ? short(who) : ''))
  row.cells[0].append(when)
  if (test) row.cells[1].append(element('span', 'test', 'test'))
  rows.prepend(row)
}

function element(name, text = '', kind = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = kind
  return made
}

/** `lab.result.critical` as people say it. */
function words(type) {
  return type.replaceAll('.', ' ').replaceAll('_', ' ')
}

function short(name) {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name
}
