// Only text ever goes into the page, never markup: names and addresses come from strangers.

/** Shows one of the three faces of the page. @param {'loading' | 'signed-out' | 'signed-in'} face */
export const show = (face) => {
  for (const id of ['loading', 'signed-out', 'signed-in'])
    document.getElementById(id).hidden = id !== face
}

/** Says something, also to who cannot see it. @param {string} text */
export const tell = (text, kind = 'good') => {
  const message = document.getElementById('message')
  message.hidden = false
  message.className = `message ${kind}`
  message.textContent = text
}

/** One row each: a text, a detail below it, a button. */
export const fillList = (list, rows) => list.replaceChildren(...rows.map(makeRow))

const makeRow = ({ text, detail, button }) => {
  const row = element('li')
  if (text) row.append(element('span', text))
  if (detail) row.firstChild.append(element('small', detail))
  if (button) row.append(makeButton(button))
  return row
}

const makeButton = ({ label, press }) => {
  const button = element('button', label)
  button.type = 'button'
  button.addEventListener('click', async () => {
    button.disabled = true
    await press()
    button.disabled = false
  })
  return button
}

/** Names and what they stand for. */
export const fillTerms = (list, terms) =>
  list.replaceChildren(
    ...Object.entries(terms).flatMap(([term, text]) => [element('dt', term), element('dd', text)]),
  )

const element = (name, text = '') => {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
