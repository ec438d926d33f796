const WITHIN_MS = 1000

/** Whether a question to the database is answered within a second. Never throws. */
export const answersInTime = async (question: Promise<unknown>): Promise<boolean> => {
  const answered = question.then(
    () => true,
    () => false,
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, WITHIN_MS, false)
  })
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
