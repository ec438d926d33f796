/** Whether everything published on `subject`, which may have wildcards of its own, also matches `pattern`. */
export const covers = (pattern: string, subject: string): boolean => {
  const wide = pattern.split('.')
  const narrow = subject.split('.')
  for (const [position, token] of wide.entries()) {
    const other = narrow[position]
    if (other === undefined) return false
    if (token === '>') return true
    if (other === '>' || (token !== '*' && token !== other)) return false
  }
  return wide.length === narrow.length
}
