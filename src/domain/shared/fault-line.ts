/** Whatever was thrown, on one line: its message and the messages of its causes. */
export const faultLine = (fault: unknown): string => {
  const cause = fault instanceof Error && fault.cause !== undefined ? fault.cause : null
  const text = cause === null ? textOf(fault) : `${textOf(fault)}: ${faultLine(cause)}`
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

const textOf = (fault: unknown): string => {
  if (typeof fault !== 'object' || fault === null) return String(fault)
  // An AggregateError, such as that of a connection tried by IPv4 and IPv6, may have a text in its parts only.
  const { message, errors }: { message?: unknown; errors?: unknown } = fault
  if (typeof message === 'string' && message !== '') return message
  if (Array.isArray(errors) && errors.length > 0) return errors.map(faultLine).join('; ')
  return partsOf(fault)
}

/** Libraries throw objects that are no errors. Only the members that name a fault are told: others may be secrets. */
const partsOf = (fault: object): string => {
  const members = Object.entries({ name: fault.constructor?.name ?? 'an object', ...fault })
  const parts = members.flatMap(([name, value]) => {
    if (name === 'name') return [String(value)]
    const isTold = ['code', 'errno', 'status'].includes(name)
    return isTold && ['string', 'number'].includes(typeof value) ? [`${name} ${value}`] : []
  })
  return parts.join(' ')
}
