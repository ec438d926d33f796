/** Something that happened, for the chart and the report. */
export type Mark = {
  /** Seconds since the start of the rehearsal. */
  readonly at: number
  /** A change of the mode, a fault that the rehearsal caused, or something that it did not expect. */
  readonly kind: 'mode' | 'fault' | 'surprise'
  readonly text: string
}

export type Timeline = {
  readonly startedAt: Date
  readonly marks: readonly Mark[]
  mark(kind: Mark['kind'], text: string): void
}

/** Starts the clock of the rehearsal. Each mark is kept and printed at once. */
export const startTimeline = (): Timeline => {
  const startedAt = new Date()
  const marks: Mark[] = []
  return {
    startedAt,
    marks,
    mark: (kind, text) => {
      const at = (Date.now() - startedAt.getTime()) / 1000
      marks.push({ at, kind, text })
      console.log(`${at.toFixed(1).padStart(6)} s  ${kind === 'surprise' ? '! ' : ''}${text}`)
    },
  }
}
