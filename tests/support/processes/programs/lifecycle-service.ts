import process from 'node:process'
import { serve } from 'srvx/bun'
import { ok } from '../../../../src/domain/shared/result.ts'
import type { Compose } from '../../../../src/main/lifecycle/composition.ts'
import { run } from '../../../../src/main/lifecycle/run.ts'

/**
 * The real lifecycle around parts that only tell when they are called, so that a test can watch the order of a stop
 * and break each step. `FAIL` names the step that breaks.
 */
const { FAIL: fail } = process.env
const tell = (step: string) => process.stdout.write(`${JSON.stringify({ step })}\n`)
const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

const answers: Readonly<Record<string, () => Promise<Response>>> = {
  '/slow': async () => {
    tell('slow request began')
    await pause(600)
    tell('slow request done')
    return new Response('late but whole')
  },
  '/forget': async () => {
    void Promise.reject(new Error('nobody waits for me'))
    await pause(50)
    return new Response('answered')
  },
  '/stuck': () => {
    tell('stuck request began')
    return new Promise(() => {})
  },
}

const compose: Compose = async ({ config }) => {
  tell('compose')
  if (fail === 'compose') throw new Error('no stores today', { cause: new Error('disk on fire') })
  if (fail === 'rejection') {
    void Promise.reject(new Error('forgotten while starting'))
    // Longer than any test waits: whoever only notes the rejection never gets past here.
    await pause(600_000)
  }
  const api = {
    fetch: async (request: Request) =>
      (await answers[new URL(request.url).pathname]?.()) ?? new Response(config.publicUrl),
  }
  return ok({
    log: (level, event, fields) =>
      process.stdout.write(`${JSON.stringify({ level, event, ...fields })}\n`),
    publicApi: api,
    managementApi: api,
    migrate: async () => {
      tell('migrate')
      return fail === 'migrate'
        ? { ok: false, refusal: { kind: 'newer-schema' } }
        : ok({ applied: [] })
    },
    runCommand: async () => undefined,
    scheduledTasks: [
      {
        name: 'busy',
        everySeconds: 0.01,
        run: async () => {
          tell('task began')
          await pause(150)
          tell('task done')
        },
      },
    ],
    becomeReady: () => tell('ready'),
    becomeUnready: () => tell('unready'),
    stop: async () => {
      tell('stores closed')
      if (fail === 'stop') throw new Error('the stores did not close')
    },
  })
}

await run(serve, compose)
