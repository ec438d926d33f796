/** One field of what the command line sent; null when there is no text under that name. */
export const textOf = (input: unknown, name: string): string | null => {
  const value = fieldOf(input, name)
  return typeof value === 'string' ? value : null
}

/** Whether that field is set to true. */
export const isSet = (input: unknown, name: string): boolean => fieldOf(input, name) === true

const fieldOf = (input: unknown, name: string): unknown =>
  typeof input === 'object' && input !== null
    ? Object.entries(input).find(([key]) => key === name)?.[1]
    : undefined
