/** What has been opened so far. What was opened last is closed first. */
export type Openings = {
  /** Records something that is open from now on, with how to close it. */
  add(name: string, close: () => Promise<void>): void
  /** Closes everything in the reverse order of opening. Further calls wait for the first one. */
  closeAll(): Promise<void>
}

/** `observe` is told of each opening and, once it is done, of each closing. */
export const makeOpenings = (
  observe: (step: 'opened' | 'closed', name: string) => void = () => {},
): Openings => {
  const opened: { readonly name: string; readonly close: () => Promise<void> }[] = []
  let closing: Promise<void> | null = null
  const closeInReverse = async (): Promise<void> => {
    for (const { name, close } of opened.toReversed()) {
      await close()
      observe('closed', name)
    }
  }
  return {
    add: (name, close) => {
      opened.push({ name, close })
      observe('opened', name)
    },
    closeAll: () => {
      closing ??= closeInReverse()
      return closing
    },
  }
}
