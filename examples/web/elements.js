// Values are always inserted as text, never as markup, because names and addresses are written by other people.

/** Shows one of the three views of the page. @param {'loading' | 'signed-out' | 'signed-in'} view */
export const show = (view) => {
  for (const id of ['loading', 'signed-out', 'signed-in'])
    document.getElementById(id).hidden = id !== view
}

/** Shows a message. Screen readers read it too. @param {string} text */
export const tell = (text, kind = 'good') => {
  const message = document.getElementById('message')
  message.hidden = false
  message.className = `message ${kind}`
  message.textContent = text
}

/**
 * Shows each error under its field, for screen readers too, and takes away what an earlier answer said.
 * @param {HTMLFormElement} form @param {{ pointer: string, detail: string }[]} errors
 */
export const tellFields = (form, errors) => {
  for (const told of form.querySelectorAll('.error')) told.remove()
  for (const field of form.querySelectorAll('input')) {
    const error = errors.find(({ pointer }) => pointer === `#/${field.name}`)
    const help = field.getAttribute('aria-describedby')?.replace(/ ?\S+-error$/, '') ?? ''
    field.removeAttribute('aria-invalid')
    describeBy(field, help)
    if (error === undefined) continue
    const message = element('small', error.detail)
    message.id = `${field.id}-error`
    message.className = 'error'
    field.setAttribute('aria-invalid', 'true')
    describeBy(field, `${help} ${message.id}`.trim())
    field.after(message)
  }
}

const describeBy = (field, ids) =>
  ids ? field.setAttribute('aria-describedby', ids) : field.removeAttribute('aria-describedby')

/** Fills a list with rows. A row has a text, a detail below it, and a button. */
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

/** Fills a description list with terms and their values. */
export const fillTerms = (list, terms) =>
  list.replaceChildren(
    ...Object.entries(terms).flatMap(([term, text]) => [element('dt', term), element('dd', text)]),
  )

const element = (name, text = '') => {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
