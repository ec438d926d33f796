/** A fault on one line: its message and the messages of its causes. */
export const faultLine = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault)
  const cause = fault.cause === undefined ? '' : `: ${faultLine(fault.cause)}`
  return `${fault.message}${cause}`.replaceAll(/\s*\n\s*/g, ' ')
}
