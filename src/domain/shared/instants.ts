// Arithmetic on instants. The domain never reads a clock: `now` is always a parameter.
export const secondsAfter = (instant: Date, seconds: number): Date =>
  new Date(instant.getTime() + seconds * 1000)

const RFC_3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** Null unless the text is an instant of RFC 3339 with an offset, on a day that exists. Precise to the millisecond. */
export const parseInstant = (text: string): Date | null => {
  const [, year, month, day] = RFC_3339.exec(text) ?? []
  if (day === undefined) return null
  // Some engines parse 30 February as 2 March.
  const wanted = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return wanted.getUTCDate() === Number(day) ? new Date(text) : null
}

export const secondsBetween = (earlier: Date, later: Date): number =>
  (later.getTime() - earlier.getTime()) / 1000
