/** Something that happened, for the picture and the report. */
export type Mark = {
  /** Seconds since the beginning. */
  readonly at: number
  /** A change of the mode, something done to a process, or something that a process suffered from others. */
  readonly kind: 'mode' | 'fault' | 'surprise'
  readonly text: string
}

export type Journal = {
  readonly beganAt: Date
  readonly marks: readonly Mark[]
  mark(kind: Mark['kind'], text: string): void
}

/** Keeps what happens and says it at once. */
export const openJournal = (): Journal => {
  const beganAt = new Date()
  const marks: Mark[] = []
  return {
    beganAt,
    marks,
    mark: (kind, text) => {
      const at = (Date.now() - beganAt.getTime()) / 1000
      marks.push({ at, kind, text })
      console.log(`${at.toFixed(1).padStart(6)} s  ${kind === 'surprise' ? '! ' : ''}${text}`)
    },
  }
}
