import { describe, expect, test } from 'bun:test'
import { readFrom, typeScriptUnder } from '../../scripts/repository.ts'

const compiled = (source: string): string =>
  new Bun.Transpiler({ loader: 'ts' }).transformSync(source).trim()

const ports = await typeScriptUnder('src/ports')

describe('ports', () => {
  test('are many', () => expect(ports.length).toBeGreaterThan(25))

  test('compile to nothing', async () => {
    const left: string[] = []
    for (const path of ports) if (compiled(await readFrom(path)) !== '') left.push(path)
    expect(left).toEqual([])
  })

  test.each(['export const limit = 5', `import '../domain/user.ts'`, 'export enum Role { Admin }'])(
    'a planted `%s` would be noticed',
    (source) => expect(compiled(source)).not.toBe(''),
  )
})
