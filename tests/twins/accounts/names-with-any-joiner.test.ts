import { expect, test } from 'bun:test'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Names = typeof import('../../../src/domain/accounts/display-name.ts')

const PATH = 'src/domain/accounts/display-name.ts'
const PERSIAN = 'علی\u200cرضا'
const LONE = 'Jo\u200chn'
const LONG = `${'a'.repeat(99)}👩\u200d🚀`

const outcomes = async (right?: string, wrong?: string) => {
  const { parseDisplayName, mendDisplayName } = await plantedFault<Names>(PATH, right, wrong)
  return {
    persian: parseDisplayName(PERSIAN).ok,
    lone: parseDisplayName(LONE).ok,
    cut: String(mendDisplayName(LONG)),
  }
}

test('the names as they are keep needed joiners only, and are cut between characters', async () => {
  expect(await outcomes()).toEqual({ persian: true, lone: false, cut: 'a'.repeat(99) })
})

test('names that allow a joiner anywhere are caught by one between Latin letters', async () => {
  const { lone } = await outcomes('const AFTER_VIRAMA = ', "const AFTER_VIRAMA = '' && ")
  expect(lone).toBe(true)
})

test('names that allow no joiner are caught by a Persian one', async () => {
  const { persian } = await outcomes("composed.replace(NEEDED_SEQUENCES, '')", 'composed')
  expect(persian).toBe(false)
})

test('names that are cut between code points are caught by an emoji at the cut', async () => {
  const { cut } = await outcomes("return kept === '' ?", 'return kept !== null ?')
  expect(cut).not.toBe('a'.repeat(99))
})
