/** Freezes all the way down. Key objects are left alone: they do not change, and belong to the runtime. */
export const freeze = <T extends object>(value: T): T => {
  for (const member of Object.values(value)) if (isPlain(member)) freeze(member)
  return Object.freeze(value)
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
