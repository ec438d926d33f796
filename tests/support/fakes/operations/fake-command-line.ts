import { runCommandLine } from '../../../../src/adapters/cli/run-command-line.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { CommandOutcome } from '../../../../src/ports/driving/operations/owner-commands.ts'

type Needs = Parameters<typeof runCommandLine>[1]

type Answer = (name: string, input: object) => CommandOutcome | Promise<CommandOutcome>

/** What a service answers to each command that it gets. */
const answered = (name: string): CommandOutcome => ({
  exitCode: 0,
  lines: [`did ${name}`],
  documents: [{ did: name }],
  next: { after: null, isMore: false, sent: 3 },
})

/** The command line over a service that notes what it is asked, and answers each command in the given way. */
export const makeFakeCommandLine = (answer: Answer = answered) => {
  const asked: { readonly name: string; readonly input: object }[] = []
  const said = { stdout: [] as string[], stderr: [] as string[] }
  const needs: Needs = {
    version: 'auth-service 9.9.9',
    printOut: (...lines) => said.stdout.push(...lines),
    printError: (...lines) => said.stderr.push(...lines),
    pause: async () => {},
    askPassword: async () => 'seven quiet otters swim north',
    askReason: async () => 'the consumer is gone',
    withService: (work) =>
      work({
        isShared: false,
        run: async ({ name }, input) => {
          asked.push({ name, input })
          return answer(name, input)
        },
      }),
    migrateServer: async () => null,
    withDatabase: async () => null,
    keys: {
      generateKeys: () => ({ jwtKeys: '{}', refreshKey: 'a:b', backendSyncSecret: 'c' }),
      changeGivenKeys: () => ok(null),
      writeKeyFile: async () => ok(null),
    },
    contracts: {
      checkContractFiles: (paths) => ok({ kind: 'files', paths }),
      verifyContracts: async () => ({
        verified: [
          {
            consumer: 'social',
            description: 'a user',
            states: [],
            mismatches: [],
            isPending: false,
          },
        ],
        errors: [],
      }),
      readPactBroker: () => ok({ url: 'http://broker.test', token: null }),
      parseHost: ok,
      parsePort: (text) => ok(Number(text)),
      openVerifierPort: async () => fail({ exitCode: 69, lines: ['the port is taken'] }),
      providerStates: ['a user'],
    },
    doctor: {
      openPasswordHash: async () => ({ hash: async () => 'hashed' as never }),
      hashMebibytes: 12,
      readInstallation: async () =>
        fail({ exitCode: 78, lines: ['The configuration has a problem:', '  none'] }),
    },
  }
  return {
    asked,
    run: async (words: readonly string[]) => {
      said.stdout = []
      said.stderr = []
      const exitCode = await runCommandLine(words, needs)
      return { exitCode, stdout: said.stdout, stderr: said.stderr }
    },
  }
}
