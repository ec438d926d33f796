export type DescribedFault = {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly cause?: DescribedFault
}

const DEEPEST_CAUSE = 8

/**
 * What a fault says, as plain values. Only the first line of its message, and only the frames of its stack: the lines
 * below hold, with some drivers, the parameters of a statement, and so addresses.
 */
export const describeFault = (fault: unknown, depth = 1): DescribedFault => {
  if (!(fault instanceof Error)) return { type: typeof fault, message: 'something else was thrown' }
  const [message = ''] = fault.message.split('\n', 1)
  const stack = framesOf(fault)
  const hasCause = fault.cause !== undefined && depth < DEEPEST_CAUSE
  return {
    type: fault.name,
    message,
    ...(stack === '' ? {} : { stack }),
    ...(hasCause ? { cause: describeFault(fault.cause, depth + 1) } : {}),
  }
}

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .join('\n')
