const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

/** A method of those that routes know; clients may invent others, and each would be a series of its own. */
export const methodLabel = (method: string): string => (METHODS.has(method) ? method : 'other')
