import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** The first line of standard input. On a terminal the command asks for it, and does not show it. Empty when there is none. */
export const askPassword = (): Promise<string> => askLine('Password: ', false)

/** The same as `askPassword`, but shown while it is typed. */
export const askReason = (): Promise<string> => askLine('Reason: ', true)

const askLine = (question: string, isShown: boolean): Promise<string> =>
  process.stdin.isTTY ? askOnTerminal(question, isShown) : firstLine(process.stdin)

const LONGEST = 4096

const firstLine = async (input: AsyncIterable<string | Uint8Array>): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    if (text.includes('\n') || text.length > LONGEST) break
  }
  return (text.split('\n')[0] ?? '').replace(/\r$/, '')
}

const askOnTerminal = async (question: string, isShown: boolean): Promise<string> => {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = isShown ? process.stderr : nowhere
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  if (!isShown) process.stderr.write(question)
  try {
    return await terminal.question(isShown ? question : '')
  } finally {
    terminal.close()
    if (!isShown) process.stderr.write('\n')
  }
}
