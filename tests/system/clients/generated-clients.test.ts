import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import createClient from 'openapi-fetch'
import { ROOT } from '../../../scripts/repository.ts'
import type { paths } from '../../support/builders/http/openapi.generated.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { installPythonPackages } from '../../support/servers/provide/install-programs.ts'

// Long enough for pip on a busy machine.
setDefaultTimeout(300_000)

let service: Service
beforeAll(async () => {
  service = await startPreparedService({ environment: { DEMO: 'false', RATE_LIMITS: 'off' } })
})
afterAll(() => service.stop())

const PASSWORD = 'four quiet lanterns'

// The type check of the repository compiles this client.
test('the client that openapi-typescript generates registers, refreshes and is refused', async () => {
  const client = createClient<paths>({ baseUrl: service.url })
  const body = { email: 'ts@example.com', username: 'typist', password: PASSWORD }
  const { data: registered } = await client.POST('/v1/auth/register', { body })
  const refreshToken = registered?.tokens.refreshToken ?? ''
  const { data: refreshed } = await client.POST('/v1/auth/refresh', { body: { refreshToken } })
  const headers = { authorization: `Bearer ${refreshed?.tokens.accessToken}` }
  const { data: changed } = await client.PATCH('/v1/users/me', {
    headers,
    body: { displayName: 'Ty' },
  })
  expect(changed).toMatchObject({ username: 'typist', displayName: 'Ty', version: 2 })
  const { data: sessions } = await client.GET('/v1/users/me/sessions', {
    headers,
    params: { query: { limit: 5 } },
  })
  expect(sessions?.items.map(({ current }) => current)).toEqual([true])
  const { error } = await client.POST('/v1/auth/register', { body: { ...body, password: 'short' } })
  expect(error?.errors?.map(({ pointer, code }) => [pointer, code])).toEqual([
    ['#/password', 'too-short'],
  ])
})

test('the client that openapi-python-client generates has no warning, compiles and works', async () => {
  const PYTHONPATH = await installPythonPackages(['openapi-python-client==0.29.1'])
  const folder = temporaryFolder()
  await writeFile(
    join(folder, 'config.yaml'),
    'project_name_override: auth_client\npackage_name_override: auth_client\npost_hooks: []\n',
  )
  const python = async (...args: string[]) =>
    promisify(execFile)('python3', args, {
      cwd: folder,
      env: { ...Bun.env, PYTHONPATH: `${PYTHONPATH}:${folder}` },
    })
  await python(
    ...['-m', 'openapi_python_client', 'generate', '--meta', 'none', '--fail-on-warning'],
    ...['--path', join(ROOT, 'docs/openapi.json'), '--config', 'config.yaml'],
    ...['--output-path', 'auth_client'],
  )
  await python('-m', 'compileall', '-q', 'auth_client')
  const { stdout } = await python(join(ROOT, 'tests/system/clients/smoke.py'), service.url)
  expect(stdout).toBe('the client works\n')
})
